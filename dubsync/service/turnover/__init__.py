"""Opens everything that dubsync.toml names, and joins it into a Turnover.

May import: all other crafts, `service.voices`, `service.script` and what lies below them.
"""
