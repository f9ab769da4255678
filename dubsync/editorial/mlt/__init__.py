"""MLT XML, the projects of Kdenlive, Shotcut and melt: read, write, patch.

May import: core, `editorial.tracks`, `editorial.timeline`, `editorial.files`.
"""
