"""One frame of a dubbed shot at viewer size, with a tweak that is not saved; its curves; a worker.

May import: core, media, qc, and every package of service.
"""
