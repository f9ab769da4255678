"""The artist's tweaks: commands and stored versions.

May import: core, `service.store`.
"""
