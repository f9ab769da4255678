"""Draws frames again from the record of their render, to show that the record is true.

May import: core, media, other parts of `service` up to `service.project`.
"""
