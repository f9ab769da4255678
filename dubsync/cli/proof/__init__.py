"""Verbs of proof: the house's keys, verification, the mark, and what is disclosed.

May import: core, service, other modules of cli.
"""
