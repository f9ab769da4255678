"""Who is who: faces that wait for an answer, and those that are known.

May import: `desk.parts`, `desk.session`, `desk.look`; PyQt5; `service`, `core`; no other view.
"""
