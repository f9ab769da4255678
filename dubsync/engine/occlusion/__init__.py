"""Occlusion: what stands in front of a face, found in the plate or given as an artist's matte.

May import: core, `engine.track` and the packages below it.
"""
