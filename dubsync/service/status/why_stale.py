"""Why a render is stale: what its record says of its inputs, beside what they are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from dubsync.core.shot import Shot
from dubsync.core.sound.audio import READING_RATE
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.models import read_model
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.render.render_facts import faces_of, inputs_of
from dubsync.service.render.same_material import changed_cut, changed_files
from dubsync.service.stems.sound_keys import Rests
from dubsync.service.tweaks.tweak_store import tweaks_plain

#: Settings that change no picture, or whose effect the renderer's row tells.
NOT_DRAWN = frozenset({
    "engine.renderer", "engine.train_minutes",
    "delivery.edit", "delivery.edit_container", "delivery.edit_made", "delivery.host",
})  # fmt: skip
#: What to say where the key changed and nothing below tells why.
OTHERWISE = "its inputs changed"


def why_stale(
    record: Mapping[str, Any], reel: ReelInputs, shot: Shot, plan: ShotPlan | None
) -> tuple[str, ...]:
    """What changed since the render with `record`, in words; empty if nothing is seen to have.

    Args:
        plan: the shot's plan; None: its plate is not analysed, and faces and actors are not
            compared.
    """
    parts = (
        changed_files(record, inputs_of(reel, shot)),
        changed_cut(record, shot),
        _settings(record.get("settings", {}), asdict(reel.settings)),
        _tweaks(record.get("tweak", {}), tweaks_plain(reel.tweaks.get(shot.name, {}))),
        () if plan is None else _pauses(record, reel, plan),
        () if plan is None else _rests(record, reel, plan),
        _engine(record, reel),
        _mark(record, reel),
        () if plan is None else _faces(record, reel, plan),
        () if plan is None else _actors(record, plan),
    )
    return tuple(dict.fromkeys(reason for part in parts for reason in part))


def _settings(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for section in ("engine", "delivery"):
        old = was.get(section, {})
        for name, value in now[section].items():
            if f"{section}.{name}" not in NOT_DRAWN and name in old and old[name] != value:
                yield f"{section}.{name} changed: {old[name]} to {value}"


def _tweaks(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for character in dict.fromkeys((*was, *now)):
        if was.get(character) != now.get(character):
            yield f"the tweak of {character} changed"


def _pauses(record: Mapping[str, Any], reel: ReelInputs, plan: ShotPlan) -> Iterator[str]:
    was = set(record.get("shut_in_pauses", ()))
    now = set(reel.shut_in_pauses(face.character for face in plan.faces))
    for character in sorted(was ^ now):
        how = "shut" if character in now else "as the actor keeps them"
        yield f"the lips of {character} are now {how} in pauses"


def _rests(record: Mapping[str, Any], reel: ReelInputs, plan: ShotPlan) -> Iterator[str]:
    """Where the same dub is taken for music, or for a voice, in other places than then."""
    dubs = record.get("recipe", {}).get("dubs", {})
    for face in plan.faces:
        was = dubs.get(face.character, {})
        if was and was.get("sound") != reel.audio_analysis.window_digest(face.stem, plan.shot):
            continue  # it is another dub
        now = reel.audio_analysis.rests_under(face.stem, plan.shot)
        then = tuple((first, stop) for first, stop in was.get("rests", ()))
        if now != then:
            yield (
                f"music is told from a voice in other places: the lips of {face.character} rest "
                f"for {_seconds(now):.1f} s of it, not for {_seconds(then):.1f} s"
            )


def _seconds(rests: Rests) -> float:
    return sum(stop - first for first, stop in rests) / READING_RATE


def _engine(record: Mapping[str, Any], reel: ReelInputs) -> Iterator[str]:
    was = record.get("versions", {}).get("engine", "")
    if was != reel.engine.version:
        yield f"dubsync's engine changed: {was} to {reel.engine.version}"


def _mark(record: Mapping[str, Any], reel: ReelInputs) -> Iterator[str]:
    """Who marks it now, where that is not who marked it then."""
    was, now = record.get("mark", {}), reel.house_mark
    marked = "payload" in was or "taken_over" in was
    signer = record.get("signature", {}).get("key", "")
    if now is None and marked and reel.settings.proof.mark:
        yield (
            f"it carries the mark of key {signer[:16]}, which is not on this machine: work where "
            "that key is, or copy its folder here"
        )
    elif now is None and marked:
        yield "the mark is turned off now"
    elif now is not None and not was:
        yield "it has no mark, and this machine has a house key now"
    elif now is not None and "off_reason" in was:
        yield "the mark is turned on now"
    elif now is not None and marked and signer not in ("", now.house):
        yield f"it carries the mark of another key, {signer[:16]}"
    elif now is not None and "version" in was and was["version"] != now.marker.version:
        yield f"the mark changed: {was['version']} to {now.marker.version}"


def _faces(record: Mapping[str, Any], reel: ReelInputs, plan: ShotPlan) -> Iterator[str]:
    now = {name: [list(track) for track in tracks] for name, tracks in faces_of(plan).items()}
    was = record.get("faces", now)
    for character in dict.fromkeys((*was, *now)):
        if character not in now:
            yield f"{character} is no longer seen in it"
        elif character not in was:
            yield f"{character} is now seen in it"
        elif was[character] != now[character]:
            pointed = character in reel.pointed.get(plan.shot.name, {})
            yield (
                f"you changed {character}'s face" if pointed
                else f"{character} is recognised in another face"
            )  # fmt: skip


def _actors(record: Mapping[str, Any], plan: ShotPlan) -> Iterator[str]:
    renderers, actors = record.get("renderers", {}), record.get("actors", {})
    for face in plan.faces:
        was = renderers.get(face.character, {}).get("renderer")
        if was is None:
            continue
        if was != face.pick.renderer:
            pick = face.pick
            yield f"{face.character} is drawn by {pick.renderer}, not by {was}: {pick.reason}"
        elif actors.get(face.character) != (face.trained or _learnt(plan, face.character)):
            yield (
                f"{face.character} is to be learnt again: they are now seen in other plates, or "
                "in other faces, than before"
            )


def _learnt(plan: ShotPlan, character: str) -> str:
    """Digest of the learnt actor; "" if it is still to be learnt."""
    folder = plan.reel.store.actor_folder(character, plan.actors.actor_key(character))
    return read_model("learnt", character, folder).digest
