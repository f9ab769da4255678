"""Face tracking: detector, landmarks, smoothing, tracks through a plate.

May import: core, `engine.geometry`.
"""
