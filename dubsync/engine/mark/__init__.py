"""The invisible keyed mark in drawn pixels, laid out in the face's own coordinates; its reader.

`Marker(secret, payload)(frame, matte, faces)` draws it; `read_mark(frames, tracks, secret)` reads
it from any copy, `read_informed` with the clean render at hand, `pooled` over several shots.
May import: core, `engine.track` and the packages below it.
"""
