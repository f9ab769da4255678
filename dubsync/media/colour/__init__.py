"""OpenColorIO: the config, which space a plate is in, and that space as a value of core.

May import: core.
"""
