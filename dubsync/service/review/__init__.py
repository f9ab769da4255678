"""The review strip and movie of a shot.

May import: core, media, qc, `service.render`, `service.qc` and what lies below them.
"""
