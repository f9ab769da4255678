"""What people say of renders: notes on shots, and judgements of versions.

May import: core, `service.store`.
"""
