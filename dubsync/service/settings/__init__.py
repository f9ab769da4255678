"""dubsync.toml, and the answers from the command line stored beside it.

May import: core, editorial, `service.store`.
"""
