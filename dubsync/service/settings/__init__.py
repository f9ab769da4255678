"""dubsync.toml and the answers beside it.

May import: core, media, editorial, `service.store`, `service.consent`.
"""
