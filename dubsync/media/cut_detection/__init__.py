"""Cuts, dissolves and fades found in the pictures of a flat reel.

May import: core.
"""
