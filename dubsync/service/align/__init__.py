"""Elastic alignment of dub lines to the original's rhythm, or a guide's, as new audio.

May import: core, media, speech, qc.drawing, `service.stems`, `service.settings`, `service.store`.
"""
