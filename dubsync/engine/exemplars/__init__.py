"""Exemplars: the actor's own frames, and one picture drawn from them (selection, warp, layers).

May import: core, `engine.compositing`, `engine.geometry`.
"""
