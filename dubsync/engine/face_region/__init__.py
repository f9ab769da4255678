"""The face above the mouth: eyes from the actor's own frames, irises, brows, wrinkles.

May import: core, `engine.exemplars` and the packages below it.
"""
