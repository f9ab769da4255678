"""Baselines: other methods that ours is compared with.

May import: core, `engine.actor` and the packages below it.
"""
