"""OpenTimelineIO (.otio and .otioz): read and write.

May import: core, `editorial.tracks`, `editorial.timeline`, `editorial.files`.
"""
