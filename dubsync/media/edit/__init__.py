"""Edit media: a render in the codecs and containers that editors' programs open.

May import: core, `media.files`, `media.pixels`, `media.sound`, `media.stills`, `media.movie`,
`media.plate`, `media.probe`.
"""
