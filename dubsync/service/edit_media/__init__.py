"""Edit media: made once for each render and codec, kept beside the master, and who opens them.

May import: `service.consent`, `service.store`, `service.fault`; media, editorial's names, core.
"""
