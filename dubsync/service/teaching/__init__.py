"""A base of the house taught on the actors of its reels whose performers consented to that.

May import: core, `service.project` and what lies below it.
"""
