"""Draw whole heads: frames of the actor, chosen, warped, and laid over the shot's clean plate.

May import: core, and what lies below it in the engine.
"""
