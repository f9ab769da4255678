"""Sound as values: samples, what listening found in them, phones, speakers, A/V offset.

May import: `core.errors`, `core.arrays`, `core.timeline`.
"""
