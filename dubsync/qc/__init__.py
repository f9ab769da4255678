"""Quality control: measure the written render, judge it against limits, and write the report.

May import: core.
"""
