"""Requests to the preview worker, and the order in which they are answered."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from dubsync.core.errors import SettingsError
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import from_plain, plain

Kind = Literal["open", "picture", "plate", "curves", "reach", "expressions", "reread"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Seconds after which a request goes before all that came later.
PATIENCE_S = 0.5
#: Neighbouring frames of one shot that wait at most.
MOST_NEAR = 32


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One question.

    number  of the request; the answer carries it
    frame   plate frame, of pictures and plates
    tweaks  character -> tweak, all that the shot has: a character without one has none; None: as
            saved
    near    whether it is a frame beside the one that is looked at: it waits for all others
    asked   when it came, on the clock of `time.monotonic`
    """

    number: int
    kind: Kind
    shot: str
    frame: int = 0
    width: int = 0
    tweaks: Mapping[str, Tweak] | None = None
    near: bool = False
    asked: float = field(default_factory=time.monotonic)

    @property
    def rank(self) -> int:
        """The lowest is answered first: reach, which is quick, the picture, then its curves."""
        if self.near:
            return 3
        return {"reread": 0, "picture": 0, "plate": 0, "curves": 1, "reach": -1}.get(self.kind, 2)

    @property
    def replaces(self) -> tuple[object, ...]:
        """Requests with equal values stand for one thing: of these only the newest is answered."""
        at = (self.frame, self.width) if self.near else ()
        return self.kind, self.shot, self.near, *at


class Waiting:
    """The requests that are not begun."""

    def __init__(self) -> None:
        self._waiting: list[Request] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, new: Request) -> list[Request]:
        """Add a request; those that it makes needless are taken out and returned."""
        gone = [one for one in self._waiting if one.replaces == new.replaces]
        if not new.near and new.kind == "picture":
            # Neighbours of an older tweak are not wanted any more.
            gone += [one for one in self._waiting if one.near and one.kind == "picture"
                     and one.shot == new.shot and one.tweaks != new.tweaks]  # fmt: skip
        near = [one for one in self._waiting if one.near and one.shot == new.shot]
        if new.near and len(near) >= MOST_NEAR:
            gone += [one for one in near[: len(near) - MOST_NEAR + 1] if one not in gone]
        self._waiting = [one for one in self._waiting if one not in gone]
        self._waiting.append(new)
        return gone

    def next(self) -> Request:
        """Take out the request to answer now.  Raises IndexError when none waits."""
        late = time.monotonic() - PATIENCE_S
        patient = [one for one in self._waiting if not one.near and one.asked < late]
        best = min(patient or self._waiting, key=lambda one: 0 if patient else one.rank,
                   default=None)  # fmt: skip
        if best is None:
            raise IndexError("no request waits")
        self._waiting.remove(best)
        return best


def request_json(request: Request) -> dict[str, Any]:
    """The request as JSON values."""
    tweaks = request.tweaks
    return {
        "number": request.number,
        "kind": request.kind,
        "shot": request.shot,
        "frame": request.frame,
        "width": request.width,
        "near": request.near,
        "tweaks": None if tweaks is None else {name: plain(one) for name, one in tweaks.items()},
    }


def request_of(body: Mapping[str, Any]) -> Request:
    """The request that `request_json` wrote.

    Raises:
        SettingsError: it is none.
    """
    try:
        tweaks = body["tweaks"]
        if body["kind"] not in KINDS:
            raise ValueError(f"no kind of request: {body['kind']!r:.40}")
        return Request(
            int(body["number"]), body["kind"], str(body["shot"]), int(body["frame"]),
            int(body["width"]),
            None if tweaks is None else {str(k): from_plain(v) for k, v in tweaks.items()},
            bool(body["near"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError(f"this is no request: {error}") from error
