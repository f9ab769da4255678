"""Baselines: other methods that ours is compared with.

May import: core, `engine.actor` and what lies below it.
"""
