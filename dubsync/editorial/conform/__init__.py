"""Writes renders into the cut's own .otio or EDL.

May import: core and every format of editorial.
"""
