"""Reads the invisible mark from any copy of a render: whose it is, and of which render.

May import: core, media, `service.keys`, `service.marking`, `service.plugins`, `service.store`.
"""
