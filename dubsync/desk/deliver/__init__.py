"""Delivery: what is approved, what is not, where the corrected cut was written.

May import: `desk.parts`, `desk.session`, `desk.look`; PyQt5; `service`, `core`; no other view.
"""
