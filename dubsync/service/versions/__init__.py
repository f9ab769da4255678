"""The versions of a shot: what each was made from, and how two of them differ.

May import: core, media, qc.drawing, qc.chart, `service.qc`, `service.render` and below.
"""
