"""Verbs of proof: the house's keys, and what is checked with them.

May import: core, service, other modules of cli.
"""
