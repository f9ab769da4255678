"""The disk that a run needs, known before any work.

May import: core, media, `service.reel`, `service.render`.
"""
