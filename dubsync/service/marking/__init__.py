"""Which mark this machine puts into what is drawn, and the clean faces kept for reading it.

May import: core, `service.keys`, `service.store`.
"""
