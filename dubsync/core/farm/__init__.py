"""What several machines that do one reel must agree on.

May import: nothing else of dubsync.
"""
