"""What proof is made of: canonical JSON and signatures, and what a check of them found, as values.

May import: core.
"""
