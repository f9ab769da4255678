"""Deletes what consent records say must be gone, with a receipt.

May import: core, `service.consent`, `service.keys`, `service.ledger`, `service.settings`,
`service.store`, `service.withdrawal`.
"""
