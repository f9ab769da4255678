"""Pro Tools session text.

May import: core, `editorial.timeline`, `editorial.files`.
"""
