"""Renderers and drives judged on held-out footage.

May import: core, media, qc, `service.faces` and what lies below it.
"""
