"""Lays out a timeline in tracks for writing, and makes the dubbed tracks of corrected clips.

May import: core, `editorial.timeline`, `editorial.files`.
"""
