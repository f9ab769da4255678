"""Which frames of the actor a head, its mouth and its eyes are drawn from, and on which path.

May import: core, and what lies below head_draw in the engine.
"""
