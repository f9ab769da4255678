"""Face tracks, and which face is which character.

May import: core, `service.stems`, `service.store`.
"""
