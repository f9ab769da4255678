"""A new reel: from a dropped cut through media, dub, takes and characters to consent.

May import: `desk.parts`, `desk.session`, `desk.look`; PyQt5; `service`, `core`; no other view.
"""
