"""Verbs with which people judge renders: approve, reject, notes, and the versions of a shot.

May import: core, service, other modules of cli.
"""
