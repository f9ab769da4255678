"""The actor's learned renderer as it is used: appearance regression, fusion, network.

May import: core, `engine.exemplars` and what lies below it.
"""
