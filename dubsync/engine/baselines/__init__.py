"""Other methods that ours is measured against.

May import: core, `engine.actor` and what lies below it.
"""
