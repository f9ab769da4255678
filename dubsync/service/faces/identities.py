"""The people of a reel: the faces of all shots, those that are one person together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dubsync.core.face import OTHER_FACE, SAME_FACE
from dubsync.service.faces.people import Person


@dataclass(frozen=True, eq=False)
class Identity:
    """One person of the reel: their face in each shot that shows them."""

    faces: tuple[Person, ...]

    def apart(self, person: Person) -> float:
        """Mean distance of `person` from the faces of other shots; of all, where there are none."""
        others = [face for face in self.faces if face.shot != person.shot] or self.faces
        return float(np.mean([face.apart(person) for face in others]))

    def holds(self, person: Person) -> bool:
        return any(face is person for face in self.faces)

    def maybe(self, person: Person) -> bool:
        """Whether `person`, who is not of this identity, may be: neither alike nor strangers."""
        return not self.holds(person) and self.apart(person) < OTHER_FACE


def may_be_one(known: Sequence[Identity]) -> frozenset[tuple[int, int]]:
    """Pairs (n, m) of identities that may be one person: neither alike nor strangers."""
    shots = [{face.shot for face in one.faces} for one in known]
    looks = [np.mean([face.appearance for face in one.faces], axis=0) for one in known]
    return frozenset(
        (n, m)
        for n in range(len(known))
        for m in range(len(known))
        if n != m and not shots[n] & shots[m]
        and float(np.linalg.norm(looks[n] - looks[m])) < OTHER_FACE
    )  # fmt: skip


def identities(people: Mapping[str, Sequence[Person]]) -> tuple[Identity, ...]:
    """The faces of all shots, joined where their mean distance is at most SAME_FACE.

    Two faces of one shot are two people (`people_in` has joined the runs of one).

    Args:
        people: shot name -> the people in it.
    """
    everyone = [person for here in people.values() for person in here]
    if not everyone:
        return ()
    looks = np.stack([person.appearance for person in everyone]).astype(np.float64)
    apart = np.sqrt(np.maximum(_squares(looks), 0))
    shots = [person.shot for person in everyone]
    apart[np.equal.outer(shots, shots)] = np.inf
    groups = [[n] for n in range(len(everyone))]
    sizes = np.ones(len(everyone))
    while True:
        n, m = np.unravel_index(int(apart.argmin()), apart.shape)
        if not apart[n, m] <= SAME_FACE:
            break
        first, second = sorted((int(n), int(m)))
        # The mean distance of the joined group from every other; infinite where one of it is.
        joined = apart[first] * sizes[first] + apart[second] * sizes[second]
        joined /= sizes[first] + sizes[second]
        joined[first] = np.inf
        apart[first], apart[:, first] = joined, joined
        apart[second], apart[:, second] = np.inf, np.inf
        sizes[first] += sizes[second]
        groups[first] += groups[second]
        groups[second] = []
    return tuple(Identity(tuple(everyone[n] for n in sorted(group))) for group in groups if group)


def _squares(looks: np.ndarray) -> np.ndarray:
    """(N, N) squared distances of the rows."""
    lengths = (looks * looks).sum(axis=1)
    result: np.ndarray = lengths[:, None] + lengths[None] - 2 * looks @ looks.T
    return result
