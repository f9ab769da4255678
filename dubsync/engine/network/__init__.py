"""The actor's learned renderer at inference: appearance regression, fusion, network.

May import: core, `engine.exemplars` and what lies below it.
"""
