"""Training of an actor's renderer: training pairs, losses, schedule, validation.

May import: core, `engine.actor` and the packages below it.
"""
