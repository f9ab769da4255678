"""The change list between two cuts.

May import: core, `editorial.turnover`, `editorial.timeline`, `editorial.files`.
"""
