"""The window of a face that is driven live.

May import: core, service, the desk's `open_desk`, `viewer`, `look`.
"""
