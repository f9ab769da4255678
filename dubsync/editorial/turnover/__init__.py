"""Joins cut, plates, dubbed lines and takes into shots.

May import: core, `editorial.timeline`, `editorial.files`.
"""
