"""The review movie of a whole reel: what each record frame shows, drawn with the dub.

May import: core, media, editorial, qc, `service.project` and the packages below it.
"""
