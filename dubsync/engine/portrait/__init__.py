"""Portraits: stills that speak, react, or follow a take.

May import: core, `engine.still` and the packages below it.
"""
