"""Picture and sound in and out: the only part that imports av and OpenEXR.

May import: core.
"""
