"""OpenTimelineIO (.otio and .otioz): read, write; the only importer of opentimelineio.

May import: core, `editorial.tracks`, `editorial.timeline`, `editorial.files`.
"""
