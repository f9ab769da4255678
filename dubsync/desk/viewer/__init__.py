"""The picture: plate, render, wipe, difference, overlays; transport, playback and sound.

May import: `desk.parts`, `desk.session`, `desk.look`; PyQt5; `service`, `core`; no other view.
"""
