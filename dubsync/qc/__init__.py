"""Is it good: measures on what was written, and the report.

May import: core.
"""
