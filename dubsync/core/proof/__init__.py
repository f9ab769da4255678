"""What is signed, by whom, and what a check of it found.

May import: the rest of `core`.
"""
