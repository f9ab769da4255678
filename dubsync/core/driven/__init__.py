"""Faces that a person drives at once: values and steps of the live pipeline.

May import: core.
"""
