"""What plugins in editing systems ask of dubsync: JSON-RPC 2.0, one JSON object a line.

May import: core, and every package of service.
"""
