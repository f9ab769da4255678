"""Data types for sound: samples, audio features, phones, speakers, A/V offset.

May import: `core.errors`, `core.arrays`, `core.timeline`.
"""
