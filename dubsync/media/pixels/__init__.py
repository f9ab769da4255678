"""FFmpeg's pixel formats and sample layouts, to and from `PictureFormat`.

May import: core, `media.files`.
"""
