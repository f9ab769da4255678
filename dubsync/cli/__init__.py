"""The `dubsync` command: every verb a thin call on service.

May import: core, editorial, service.
"""
