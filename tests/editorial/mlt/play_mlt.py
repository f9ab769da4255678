"""Writes what MLT shows of a document as raw frames (YUYV, 8 bits) to the standard output.

For the system's Python, which has MLT's own module; the program melt 7.12 sometimes never ends.
"""

import sys


def play(path: str) -> None:
    """Write every frame of a document."""
    import mlt7  # type: ignore[import-not-found]

    mlt7.Factory.init()
    profile = mlt7.Profile()
    film = mlt7.Producer(profile, "xml", path)
    for position in range(film.get_playtime()):
        film.seek(position)
        size = profile.width(), profile.height()
        image = mlt7.frame_get_image(film.get_frame(), mlt7.mlt_image_yuv422, *size)
        sys.stdout.buffer.write(bytes(image))


if __name__ == "__main__":
    play(sys.argv[1])
