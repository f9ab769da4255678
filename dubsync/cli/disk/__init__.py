"""Verbs and options about the disk: what a run needs, what takes space, what can go.

May import: core, service, other modules of cli.
"""
