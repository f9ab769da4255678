"""What leaves for compositors: layers that give the render back over its plate.

May import: core.
"""
