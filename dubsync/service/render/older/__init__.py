"""Older versions of renders: why each stays, and how the files of one are deleted.

May import: core, `service.judging`, `service.ledger`, other parts of `service.render` but sync.
"""
