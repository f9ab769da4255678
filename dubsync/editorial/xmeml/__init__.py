"""Final Cut Pro 7 XML (xmeml): read, write, patch.

May import: core, `editorial.tracks`, `editorial.timeline`, `editorial.files`.
"""
