"""Verbs for the sound of a dub.

May import: core, service, other modules of cli.
"""
