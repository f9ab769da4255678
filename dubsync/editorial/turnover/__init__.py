"""Cut, plates, dubbed lines and takes joined into shots.

May import: core, `editorial.timeline`, `editorial.files`.
"""
