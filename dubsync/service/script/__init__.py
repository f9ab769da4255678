"""A dub script matched with what is heard in the stems.

May import: core, editorial, `service.stems`, `service.settings`, `service.store`.
"""
