"""Pictures for people: the difference key of a render, slates and watermarks of a movie.

May import: core, `qc.drawing`, `qc.report`.
"""
