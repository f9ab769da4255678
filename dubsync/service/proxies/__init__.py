"""Pictures and sound of a shot as a viewer plays them: small, fast, and never delivered.

May import: core, media, `service.store`, `service.stems`.
"""
