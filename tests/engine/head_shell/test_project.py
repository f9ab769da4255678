"""A mesh drawn with what it hides of itself."""

import numpy as np

from dubsync.engine.head_shell import project

#: A far square over all of a picture of 20 x 20, and a near one over its right half.
POINTS = np.array([
    [0, 0, 5], [20, 0, 5], [20, 20, 5], [0, 20, 5],
    [10, 0, 1], [20, 0, 1], [20, 20, 1], [10, 20, 1],
], float)  # fmt: skip
TRIANGLES = np.array([[4, 5, 6], [4, 6, 7], [0, 1, 2], [0, 2, 3]])


def test_what_is_nearer_hides_what_is_behind_it_in_any_order():
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        labels = project.shown(POINTS, TRIANGLES[order], (20, 20))
        near = np.isin(labels, [n for n, which in enumerate(order) if which < 2])
        assert near[:, 11:].all() and not near[:, :9].any()


def test_values_run_linearly_over_each_triangle():
    labels = project.shown(POINTS, TRIANGLES[2:], (20, 20))
    values = project.traced(labels, TRIANGLES[2:], POINTS, POINTS[:, :2] * (2, 3))
    y, x = np.mgrid[:20, :20] + 0.5
    assert np.allclose(values, np.stack([2 * x, 3 * y], -1), atol=1e-4)


def test_cover_is_the_share_of_a_pixel_that_is_covered():
    square = POINTS[4:] - (0.5, 0, 0)
    fine = project.shown(square, np.array([[0, 1, 2], [0, 2, 3]]), (20, 20), fine=4)
    cover = project.coverage(fine, 4)
    assert cover[10, 5] == 0 and cover[10, 15] == 1
    assert 0.4 <= cover[10, 9] <= 0.8


def test_values_are_carried_on_from_the_nearest_that_are_known():
    known = np.zeros((6, 8), bool)
    known[2:4, 2:4] = True
    values = np.where(known[..., None], 7.0, 0.0).astype(np.float32)
    assert (project.spread_out(values, known) == 7).all()
    assert (project.spread_out(values, np.zeros_like(known)) == values).all()
