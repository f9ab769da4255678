"""The artist's tweaks: the settings of `dubsync tweak`, and the stored versions.

May import: core, `service.store`.
"""
