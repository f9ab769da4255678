"""Stills: a photograph or a painting of a face, moved by a driver or by a dub.

`learn_still` -> `StillModel`; `DriverMotion` or `DriverStream` -> `DriverMove` -> `driven_face` ->
`DrivenFace`; `StillRenderer(still).draw(driven, shown)` -> picture.
May import: core; engine packages below it (pyproject.toml, "Engine").
"""
