"""VFX turnover: layers, plate, parameters and a Nuke script of each corrected shot.

May import: core, media, `service.render`, `service.reel` and the packages below them.
"""
