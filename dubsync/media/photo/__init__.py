"""Photographs: JPEG, PNG, TIFF, WebP and AVIF, upright and in working colour.

May import: core, `media.files`.
"""
