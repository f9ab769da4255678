"""How a plate's file becomes the pictures that the engine and users see.

May import: core.
"""
