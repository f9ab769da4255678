"""Verbs in which a person drives a face at once.

May import: core, service, and cli.
"""
