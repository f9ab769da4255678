"""Whole heads and expressions of a reel's actors: found in footage, and what lies beyond is told.

May import: what `service.reel` may.
"""
