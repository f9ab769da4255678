"""An artist's override of one face in one shot.

May import: `core.errors`, `core.timeline`, `core.sound`, `core.contact`.
"""
