"""Read and write pictures and sound.  The only package that imports av and OpenEXR.

May import: core.
"""
