"""Verbs of dub scripts: list and convert one, and make one by machine.

May import: core, editorial, service.
"""
