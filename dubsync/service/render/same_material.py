"""Whether a render still fits what it is laid under: its plate, its dub, its place in the cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dubsync.core.shot import Shot


def changed_files(record: Mapping[str, Any], now: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Plates, dubs and takes that changed, by their digests.  Training takes count with the actor.

    Args:
        now: the shot's inputs as they are, from `render_facts.inputs_of`.
    """
    was = {_input(one): one["sha256"] for one in record["inputs"]}
    current = {_input(one): one["sha256"] for one in now}
    for (role, name), sha in current.items():
        if role.startswith("training take"):
            continue
        if (role, name) not in was:
            yield f"the {role} is now {name}"
        elif was[role, name] != sha:
            yield f"the {role} {name} changed"
    for role, name in was.keys() - current.keys():
        if not role.startswith("training take") and role not in {role for role, _ in current}:
            yield f"the {role} {name} is gone"


def changed_cut(record: Mapping[str, Any], shot: Shot) -> Iterator[str]:
    """What changed in how the cut shows the shot, and in the frames to render."""
    for key, words, span in (
        ("source", "the frames of the plate that the cut shows", shot.source),
        ("record", "the shot's place in the cut", shot.record),
        ("frames", "the frames to render, handles included,", shot.render),
    ):
        was = record[key]
        old, new = (was["first"], was["stop"]), (span.start, span.stop)
        if old != new:
            yield f"{words} changed: {old[0]}..{old[1] - 1} to {new[0]}..{new[1] - 1}"
    speed = "changing" if shot.speed is None else str(shot.speed)
    if record["speed"] != speed:
        yield f"the shot's speed changed: {record['speed']} to {speed}"


def misfit(
    record: Mapping[str, Any], shot: Shot, now: Sequence[Mapping[str, str]]
) -> tuple[str, ...]:
    """Why a render does not fit the shot any more; nothing where only its making changed.

    Tweaks, settings, actors and takes made the picture; a person who approved it saw the result.
    A shot that was only trimmed shows each frame where it showed it before.
    """
    before = {**record, "inputs": _laid_under(record["inputs"])}
    files = changed_files(before, _laid_under(now))
    same_speed = record["speed"] == "1" and shot.speed == 1
    moved = record["record"]["first"] - record["source"]["first"]
    if same_speed and moved == shot.record.start - shot.source.start:
        return tuple(files)
    return (*files, *changed_cut(record, shot))


def taken_over_whole(record: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether a render was taken over from an earlier one whole, byte for byte.

    So it is where a recut moved a shot: each frame has the sound that it had.
    """
    one, two = (
        (r["frames"]["first"], r["frames"]["stop"], r["outputs"]["picture"]["sha256"])
        for r in (record, before)
    )
    return bool("taken_over" in record and one == two)


def _laid_under(inputs: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """The plate and the dubs among a render's inputs."""
    return [one for one in inputs if one["role"] == "plate" or one["role"].startswith("dub ")]


def _input(one: Mapping[str, str]) -> tuple[str, str]:
    return one["role"], one["name"]
