"""Verbs about a cut: read it, compare it with another, conform a reel to a new one.

May import: core, editorial, service.
"""
