"""Dub scripts: DAPT, TTML, cue sheets, SRT, Pro Tools sessions.

May import: core, `editorial.protools`, `editorial.timeline`, `editorial.files`.
"""
