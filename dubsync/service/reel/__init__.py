"""A reel: its inputs, the look at its plates, its actors, and the plan of each shot.

May import: core, media, `service.faces`, `service.tweaks` and what lies below them.
"""
