"""The key of the house: made, kept and used to sign; the houses whose signatures are trusted here.

Only this package imports `cryptography` and `pkcs11`.  A private key never leaves it.

May import: core, `service.store`.
"""
