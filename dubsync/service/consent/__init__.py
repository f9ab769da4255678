"""Consent records, and what they allow.

May import: core.
"""
