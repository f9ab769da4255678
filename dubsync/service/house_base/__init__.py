"""A house's own bases: kept outside projects, signed, read and checked before an engine uses them.

May import: core, `service.keys`, `service.store`, `service.plugins`.
"""
