"""The cut of a flat reel that came without a list.

May import: core, editorial, media, qc; write_cut, store.
"""
