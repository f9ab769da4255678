"""Verbs that measure renderers on a clip.

May import: core, service, other modules of cli.
"""
