"""Face motion as numbers: the actor's linear model, fitting, retargeting, range.

May import: core, `engine.track`, `engine.geometry`.
"""
