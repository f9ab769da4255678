"""AAF (Avid): read, write, patch.

May import: core, `editorial.tracks`, `editorial.timeline`, `editorial.files`.
"""
