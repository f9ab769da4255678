"""Live: follow a driver frame by frame, and draw the driven face at once.

May import: core, and the engine's packages below it.
"""
