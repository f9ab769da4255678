"""The ledger of a project: what was rendered, approved, delivered and withdrawn, in that order.

May import: core, keys, store.
"""
