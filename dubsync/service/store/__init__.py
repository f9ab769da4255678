"""A project's folder on disk: its layout, derived data, and files written atomically.

May import: core, media.
"""
