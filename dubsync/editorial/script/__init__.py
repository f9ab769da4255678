"""Dub scripts: DAPT, TTML, cue sheets, SRT, WebVTT, EBU STL, rythmo bands, Pro Tools sessions.

May import: core, `editorial.protools`, `editorial.timeline`, `editorial.files`.
"""
