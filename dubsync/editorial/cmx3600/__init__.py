"""CMX3600 edit decision lists: read and write.

May import: core, `editorial.tracks`, `editorial.timeline`, `editorial.files`.
"""
