"""One reel being worked on: its actors, and the plan of each shot.

May import: core, media, `service.faces`, `service.tweaks` and what lies below them.
"""
