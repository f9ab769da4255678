"""Verbs for editing systems: their plugins, and what the plugins start.

May import: core, service, other modules of cli.
"""
