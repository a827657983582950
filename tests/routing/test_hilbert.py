"""The order in which junctions are numbered."""

import numpy as np

from routing.hilbert import ORDER, hilbert_index
from routing.network import FloatArray


def grid(side: int) -> tuple[FloatArray, FloatArray]:
    x, y = np.meshgrid(np.arange(side, dtype=np.float64), np.arange(side, dtype=np.float64))
    return x.ravel(), y.ravel()


def test_on_a_square_grid_the_curve_visits_every_cell_once_and_steps_to_a_neighbour() -> None:
    x, y = grid(64)
    order = np.argsort(hilbert_index(x, y))
    assert len(set(hilbert_index(x, y).tolist())) == 64 * 64
    step = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert (step == 1).all()


def test_the_curve_begins_and_ends_at_the_bottom() -> None:
    x, y = grid(16)
    order = np.argsort(hilbert_index(x, y))
    assert (x[order[0]], y[order[0]]) == (0, 0)
    assert (x[order[-1]], y[order[-1]]) == (15, 0)


def test_neighbours_on_the_ground_are_nearer_in_number_than_chance() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0, 60_000, 5000), rng.uniform(0, 45_000, 5000)
    order = np.argsort(hilbert_index(x, y))
    along = np.hypot(np.diff(x[order]), np.diff(y[order])).mean()
    by_chance = np.hypot(np.diff(x), np.diff(y)).mean()
    assert along < by_chance / 25


def test_every_number_fits_the_curve() -> None:
    x, y = grid(33)
    index = hilbert_index(x, y)
    assert index.min() >= 0
    assert index.max() < 1 << (2 * ORDER)


def test_one_point_and_points_in_one_place_are_numbered_too() -> None:
    assert hilbert_index(np.asarray([5.0]), np.asarray([7.0])).tolist() == [0]
    assert hilbert_index(np.ones(3), np.ones(3)).tolist() == [0, 0, 0]


def test_points_on_a_line_keep_their_order() -> None:
    x = np.linspace(0, 1, 50)
    index = hilbert_index(x, np.zeros(50))
    assert (np.diff(index) > 0).all()
