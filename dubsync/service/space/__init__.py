"""The space a project takes on disk: what takes it, and what can be cleaned.

May import: core, media, `service.project` and what lies below it.
"""
