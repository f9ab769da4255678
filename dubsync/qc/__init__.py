"""Quality control: measure the written render, compare it with limits, and write the report.

May import: core.
"""
