"""dubsync.toml, and the answers from the command line stored beside it.

May import: core, media, editorial, `service.store`, `service.consent`.
"""
