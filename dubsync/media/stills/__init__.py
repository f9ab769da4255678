"""Image sequences and single pictures: EXR, DPX, PNG and JPEG.

May import: core, `media.files`, `media.pixels`.
"""
