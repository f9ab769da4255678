"""A reel: its inputs, the analysis of its plates, its actors, and the plan of each shot.

May import: core, media, `service.faces`, `service.tweaks` and the packages below them.
"""
