"""The target performance: takes and sound combined, then the artist's controls.

May import: core, `engine.actor` and the packages below it.
"""
