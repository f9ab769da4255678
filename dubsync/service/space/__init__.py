"""The space a project takes on disk: what takes it, what a run will need, what can be cleaned.

May import: core, media, `service.project` and what lies below it.
"""
