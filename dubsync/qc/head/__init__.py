"""Whole heads and eyes measured: turn, gaze, blinks, identity, what lies behind, hair and edge.

May import: core, `qc`.
"""
