"""Everything named in dubsync.toml, opened and joined into a Turnover.

May import: all other crafts, `service.voices`, `service.script` and what lies below them.
"""
