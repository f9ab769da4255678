"""Movies: indexed, read frame by frame, written losslessly, joined with sound.

May import: core, `media.files`, `media.pixels`, `media.sound`.
"""
