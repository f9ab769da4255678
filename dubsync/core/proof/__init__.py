"""What proves a render: canonical JSON, signatures, the payload of the invisible mark, markers.

May import: `core.errors`, `core.arrays`, `core.picture`, `core.face`, `core.timeline`.
"""
