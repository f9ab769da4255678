"""The actor's learned renderer at inference: appearance regression, fusion, network.

May import: core, `engine.exemplars` and the packages below it.
"""
