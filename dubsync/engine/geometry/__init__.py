"""Points and planes: the face mesh, similarity transforms, thin-plate warps, sampling.

May import: core.
"""
