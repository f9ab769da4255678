"""Writes what MLT shows of a document as raw frames (YUYV, 8 bits) to the standard output.

For the system's Python, which has MLT's own module; the program melt 7.12 sometimes never ends.
"""

import sys

import mlt7  # type: ignore[import-not-found]

mlt7.Factory.init()
profile = mlt7.Profile()
film = mlt7.Producer(profile, "xml", sys.argv[1])
for position in range(film.get_playtime()):
    film.seek(position)
    size = profile.width(), profile.height()
    image = mlt7.frame_get_image(film.get_frame(), mlt7.mlt_image_yuv422, *size)
    sys.stdout.buffer.write(bytes(image))
