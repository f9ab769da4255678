"""Shape performances over a project: takes by hand, presets, and tweaks carried between shots.

May import: core, `service.project` and everything below it.
"""
