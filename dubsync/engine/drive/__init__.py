"""The target performance: takes and sound combined, then the artist's controls.

May import: core, `engine.actor` and what lies below it.
"""
