"""Live pictures: from a camera or a file at its own rate, into a movie or a virtual camera.

May import: core, and media's `movie`, `plate`, `probe`, `pixels`, `files`.
"""
