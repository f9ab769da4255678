"""Files for compositors: multi-layer EXR, and faces as USD.

May import: core.
"""
