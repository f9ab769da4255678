"""What can be set and read of one shot: tweak, face, QC, notes, provenance.

May import: `desk.parts`, `desk.session`, `desk.look`; PyQt5; `service`, `core`; no other view.
"""
