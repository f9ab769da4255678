"""Consent records, and what they allow.

May import: core, `service.ledger`, `service.keys`, `service.store`.
"""
