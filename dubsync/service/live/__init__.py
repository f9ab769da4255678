"""Live: the processes that capture, follow, draw and show, and what joins them.

May import: core, media, `consent`, `faces`, `store`, `plugins`, `fault`, `reel`.
"""
