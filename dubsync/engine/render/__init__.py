"""Prepare a shot, draw its faces, composite them into the plate.

May import: core, `engine.actor` and what lies below it.
"""
