"""Faces by the frame, and by the moment where a frame shows two: fields, film frames in fields.

May import: what `service.reel` may.
"""
