"""Mel filters, kept in a file: what makes them takes longer to load than a shot takes to hear.

May import: core.
"""
