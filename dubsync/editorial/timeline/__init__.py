"""A timeline whatever its format: time maps, transitions, what shows at each frame.

May import: core, `editorial.files`.
"""
