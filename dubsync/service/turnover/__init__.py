"""Opens everything that dubsync.toml names, and joins it into a Turnover.

May import: core, media, editorial, speech, `service.voices`, `service.reel` and below.
"""
