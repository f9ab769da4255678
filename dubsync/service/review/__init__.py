"""The review strip and movie of a shot.

May import: core, media, qc, `service.render`, `service.qc` and the packages below them.
"""
