"""Draw whole heads: frames of the actor, chosen, warped, and laid over the shot's clean plate.

choose picks the frames; inlay lays mouth, eyes and detail into what is drawn from them.
May import: core, and what lies below it in the engine.
"""
