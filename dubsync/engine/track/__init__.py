"""Faces found and followed through a plate: detector, landmarks, smoothing.

May import: core, `engine.geometry`.
"""
