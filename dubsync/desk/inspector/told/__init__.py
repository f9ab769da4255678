"""What is told of a shot: painted lists, maps and curves, and the words in them.

May import: `desk.session`, `desk.look`; PyQt5; `service`, `core`.
"""
