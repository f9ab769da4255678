"""Dub stems: when they start, what is heard in them, how they follow a recut.

May import: core, media, speech, `service.store`, `service.settings`.
"""
