"""Evaluates renderers and drives on held-out footage.

May import: core, media, qc, speech, `service.store`, `service.plugins`.
"""
