"""A filmed take as motion of the actor on screen.

May import: core, `engine.motion` and the packages below it.
"""
