"""What stands in the records of renders, their entries in the ledger, and what is wrong with them.

May import: core, media, service.ledger, service.keys, service.store, service.reel.
"""
