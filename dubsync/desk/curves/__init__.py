"""Lanes over the shot: words, phones, waveform, mouth curves, controls, takes.

May import: `desk.parts`, `desk.session`, `desk.look`; PyQt5; `service`, `core`; no other view.
"""
