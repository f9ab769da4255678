"""Whole heads of a reel's actors: learnt on demand, kept, and what they cannot reach is told.

May import: what `service.reel` may.
"""
