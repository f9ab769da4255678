"""What a hand asks of a face without a take: region, look, expressions, and how far they go.

May import: `desk.inspector.controls` and `.section`, `desk.parts`, `desk.session`, `desk.look`;
PyQt5; `service`, `core`.
"""
