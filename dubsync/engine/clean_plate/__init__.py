"""The shot's own clean plate: what stands behind a head that is drawn anew.

May import: core, `engine.track` and the packages below it.
"""
