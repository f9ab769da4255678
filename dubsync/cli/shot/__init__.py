"""Verbs that show one shot with tweaks that are not saved.

May import: core, service, other modules of cli.
"""
