"""Verbs of proof: keys of the house, what is checked with them, the mark, and disclosure.

May import: core, service, other modules of cli.
"""
