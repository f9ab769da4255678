"""Measures renders and reports on them; coverage and triage before rendering.

May import: core, media, qc, `service.render` and the packages below it.
"""
