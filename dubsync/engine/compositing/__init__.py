"""How a drawn face meets its plate: matte, colour match, and the composite itself.

May import: core, `engine.geometry`.
"""
