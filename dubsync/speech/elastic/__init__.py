"""Elastic alignment of a spoken line to another rhythm: its tempo bends, its pitch stays.

`rhythm` says what of a sound must coincide, `fit` finds the map, `stretch` renders it,
`out_of_sync` measures what is left.

May import: core, other modules of speech.
"""
