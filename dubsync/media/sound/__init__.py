"""Sound files and the sound of movies: samples in exact time, 2-pops, WAV metadata.

May import: core, `media.files`.
"""
