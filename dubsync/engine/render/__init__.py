"""Prepare a shot, and draw its faces on the plate.

May import: core, `engine.actor` and the packages below it.
"""
