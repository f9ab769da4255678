"""Occluders: faces with things pasted before them, and the network taught on them."""
