"""What proves a render: canonical JSON, signatures, the payload of the invisible mark.

May import: `core.errors`.
"""
