"""Updates a project to a new cut.

May import: core, editorial, qc, and every package of service.
"""
