"""Dub stems: where they start, analysis of their sound, and how they follow a recut.

May import: core, media, speech, editorial, `service.store`.
"""
