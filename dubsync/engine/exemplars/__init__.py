"""Exemplars: the actor's own frames, and one picture drawn from them (select, match, warp, matte).

May import: core, `engine.geometry`.
"""
