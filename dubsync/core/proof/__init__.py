"""What proof is made of: canonical JSON and signatures, as values.

May import: core.
"""
