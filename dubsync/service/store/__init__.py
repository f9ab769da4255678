"""A project's folder on disk: where things lie, derived data, small files written whole.

May import: core.
"""
