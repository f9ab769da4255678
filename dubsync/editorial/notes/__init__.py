"""Notes as markers of a cut, and back: words, colours, record frames.

May import: core.
"""
