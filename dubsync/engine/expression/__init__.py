"""Expressions: what the tracker's scores mean in one actor's face, and what controls make of them.

May import: `engine.motion`, `engine.track`, `engine.geometry`; core.
"""
