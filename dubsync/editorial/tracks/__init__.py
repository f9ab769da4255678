"""A timeline laid out in tracks for writing, and the new track of corrected clips.

May import: core, `editorial.timeline`, `editorial.files`.
"""
