"""Checks what left the house, or lies in it, against what the house signed.

A delivery's `proof` folder is written here too, so that one place knows its form.

May import: core, media, the parts of `service` up to `service.render`, `service.delivery`.
"""
