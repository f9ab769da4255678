"""Portraits: photographs of one person that follow a take, speak a dub, or react.

May import: core, media, qc.drawing, `service.consent`, `service.faces`, `service.stems`,
`service.settings`, `service.render`, `service.store`, `service.plugins`.
"""
