"""A project taken over to a new cut.

May import: every package of service.
"""
