"""A render measured at every moment that its frames show, and told by the frame.

May import: what `service.qc` may.
"""
