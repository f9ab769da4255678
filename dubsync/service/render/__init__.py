"""Renders a shot: frames, proof, record, and frames reused from earlier renders.

May import: core, media, `service.reel` and the packages below it.
"""
