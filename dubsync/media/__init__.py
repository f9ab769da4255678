"""Read and write pictures and sound.  The only package that imports av, OpenEXR and OpenColorIO.

May import: core.
"""
