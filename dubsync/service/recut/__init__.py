"""Updates a project to a new cut.

May import: every package of service.
"""
