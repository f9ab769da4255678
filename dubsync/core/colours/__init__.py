"""A plate's colour space as a value: how its samples become working colour, and come back.

May import: `core.arrays`, `core.errors`.
"""
