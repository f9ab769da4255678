"""A dub script fitted to the stems.

May import: core, editorial, `service.stems`, `service.settings`.
"""
