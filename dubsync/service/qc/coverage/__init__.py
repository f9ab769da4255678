"""What a shot's dub asks of its actor, and what of it the actor's footage does not hold.

May import: core, media, qc, `service.reel`, `service.render`, `service.store`.
"""
