"""C2PA credentials of what is rendered: what they say, and where they are written and found.

May import: `service.keys`, `service.store`; `media.credentials`, core.
"""
