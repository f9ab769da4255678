"""C2PA manifests: written beside media or into them, and read back.

The only folder that imports c2pa.  Nothing here uses the network, and no key comes here: who signs
gives a chain of certificates and a function.

May import: core, `media.files`.
"""
