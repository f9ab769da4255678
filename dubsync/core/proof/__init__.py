"""What proof is made of: canonical JSON, signatures, and what is disclosed, as values.

May import: core.
"""
