"""Puts plugins into editing systems, and takes them out again.

May import: core, `service.store`.
"""
