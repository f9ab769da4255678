"""The reel: the strip of the cut, the table, the list at the left.

May import: `desk.parts`, `desk.session`, `desk.look`; PyQt5; `service`, `core`; no other view.
"""
