"""Face tracks, and which face is which character.

May import: core, media, qc, `service.stems`, `service.store`.
"""
