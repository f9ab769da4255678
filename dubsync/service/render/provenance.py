"""The record beside every render: its inputs, the consent, its outputs."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import DeliveryError
from dubsync.core.face import Stretch
from dubsync.core.plural import counted
from dubsync.core.result import Pick, RenderedShot
from dubsync.core.settings import Settings
from dubsync.core.shot import Shot
from dubsync.core.timeline.timecode import TIMECODE_RATES, FrameRange, Timecode
from dubsync.core.version import __version__
from dubsync.service.consent.records import ConsentRecord
from dubsync.service.ledger.signed_text import signed_text
from dubsync.service.render.record_form import SCHEMA, incomplete, misshapen, sealed
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.output_files import output_files
from dubsync.service.tweaks.tweak_store import Tweaks, tweaks_plain

#: Packages whose version can change the picture.
LIBRARIES = ("torch", "numpy", "av", "opencv-python", "ai-edge-litert", "OpenTimelineIO", "librosa",
             "opencolorio")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proof:
    """What `media.verify` counted in the files as written.

    changed_outside  samples outside the matte that differ from the plate; None if the picture is
                     not lossless, so that they cannot be counted
    """

    frames: int
    frames_changed: int
    changed_outside: int | None
    plate_outside_sha256: str
    picture_outside_sha256: str


@dataclass(frozen=True, slots=True)
class RenderFacts:
    """What went into one render.

    key       the render key; see `reel.render_key`
    inputs    every file that went in: role, name, sha256
    consents  every consent record that allowed the render
    tweaks    character -> the artist's tweaks
    engine    the engine's version
    faces     character -> number, first and last frame + 1 of each face track that is theirs
    shut_in_pauses  characters whose lips the project file shuts in pauses
    recipe    what else it was drawn with; see `recipe_of`
    lineage   the models that drew it; see `lineage_of`
    """

    key: str
    language: str
    inputs: Sequence[Mapping[str, str]]
    consents: Sequence[ConsentRecord]
    settings: Settings
    tweaks: Tweaks
    engine: str
    faces: Mapping[str, Sequence[tuple[int, int, int]]]
    shut_in_pauses: Sequence[str] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    lineage: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Redrawn:
    """What of one face may have changed besides the mouth.

    regions  "face", "head", or both
    head     digest of the whole head that was drawn; "" for none
    keys     frames that it was drawn from
    stills   photographs among what it was learnt from
    inside   frames whose mouth shows teeth and tongue of the voice actor, by take
    told     what was said before rendering: what lies beyond the footage, and the head's notes
    """

    regions: tuple[str, ...]
    head: str = ""
    keys: int = 0
    told: tuple[str, ...] = ()
    stills: int = 0
    inside: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawnFaces:
    """The faces drawn in one render.

    actors  character -> digest of the actor that was drawn
    picks   character -> the renderer that drew them, and why
    mouths  character -> the source of each stretch of their mouth's motion
    redrawn  character -> what of them may have changed besides the mouth; see `redrawn_of`
    """

    actors: Mapping[str, str]
    picks: Mapping[str, Pick]
    mouths: Mapping[str, Sequence[Stretch]]
    redrawn: Mapping[str, Redrawn] = field(default_factory=dict)


def _redrawn_table(faces: DrawnFaces) -> dict[str, Any]:
    """The key "redrawn" of a record; {} where mouths alone were drawn."""
    table = {name: asdict(one) for name, one in faces.redrawn.items()}
    for name, one in faces.redrawn.items():
        if not one.inside:
            del table[name]["inside"]
    return {"redrawn": table} if table else {}


def _colour_table(shot: Shot) -> dict[str, Any]:
    """The key "colour" of a record; {} where colours are not managed."""
    colour, space = shot.plate.format.colour, shot.plate.space
    if colour is None or space is None:
        return {}
    name, sha256 = colour.config
    table = {"config": name, "config_sha256": sha256, "space": space.space,
             "source": space.source, "because": space.because, "doubt": space.doubt,
             "working": colour.working, "key": colour.key}  # fmt: skip
    return {"colour": table}


def redrawn_from(values: Mapping[str, Any]) -> Redrawn:
    """What a record's table says was redrawn."""
    return Redrawn(
        tuple(values.get("regions", ())), str(values.get("head", "")), int(values.get("keys", 0)),
        tuple(values.get("told", ())), int(values.get("stills", 0)),
        tuple(Stretch(**stretch) for stretch in values.get("inside", ())),
    )  # fmt: skip


def redrawn_words(redrawn: Redrawn) -> str:
    """What was drawn anew: "head; head from 39 frames, 8 stills among them"."""
    said = ", ".join(redrawn.regions)
    if redrawn.head:
        said += f"; head from {counted(redrawn.keys, 'frame')}"
    if redrawn.stills:
        said += f", {counted(redrawn.stills, 'still')} among them"
    for one in redrawn.inside:
        said += f"; teeth and tongue of the voice actor ({one.source}) {one.first}..{one.last}"
    return said


def _said_of(redrawn: Iterable[Redrawn]) -> str:
    """What was made, for the metadata that every reader sees."""
    regions = {region for one in redrawn for region in one.regions}
    what = "whole head" if "head" in regions else "face" if "face" in regions else "mouth region"
    return f"{what} re-animated to a dub by dubsync"


def record_of(
    shot: Shot,
    version_number: int,
    facts: RenderFacts,
    faces: DrawnFaces,
    proof: Proof,
    outputs: Mapping[str, Path],
    seconds: float | None,
    frame_digests: Sequence[str] = (),
) -> dict[str, Any]:
    """The record of one render, as plain JSON values.

    Consent records are named by id and digest only: the render record may leave the house, the
    performer's papers must not.

    Args:
        outputs: role ("picture", "matte", "layer") -> the file or sequence pattern written.
        seconds: time that making the frames took; tells how long the next render will take.
            None: every frame is an earlier render's.
        frame_digests: those of the picture; see `media.frame_digests`.
    """
    lossless = facts.settings.delivery.picture == "lossless"
    return {
        "schema": SCHEMA,
        "shot": shot.name,
        "version": version_number,
        "key": facts.key,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": None if seconds is None else round(seconds, 2),
        "language": facts.language,
        "synthetic_media": _said_of(faces.redrawn.values()),
        "plate": shot.plate.name,
        "reel": shot.plate.file_reel,
        **_spans(shot),
        "speed": "changing" if shot.speed is None else str(shot.speed),
        "characters": sorted(faces.actors),
        "faces": {name: [list(track) for track in tracks] for name, tracks in facts.faces.items()},
        "inputs": list(facts.inputs),
        "actors": dict(faces.actors),
        "renderers": {character: asdict(faces.picks[character]) for character in faces.actors},
        "consent": [{"id": c.id, "sha256": c.digest, "basis": c.basis} for c in facts.consents],
        "settings": asdict(facts.settings),
        "tweak": tweaks_plain(facts.tweaks),
        "shut_in_pauses": list(facts.shut_in_pauses),
        "mouths": {
            character: [asdict(stretch) for stretch in stretches]
            for character, stretches in faces.mouths.items()
        },
        **_redrawn_table(faces),
        **_colour_table(shot),
        "proof": asdict(proof),
        "frame_digests": list(frame_digests),
        "frame_digests_of": "samples" if lossless else "coded",
        "recipe": dict(facts.recipe),
        "lineage": list(facts.lineage),
        "outputs": {role: _output(path) for role, path in outputs.items()},
        "versions": _versions(facts.engine),
    }


def _spans(shot: Shot) -> dict[str, Any]:
    """Its frames, those that the cut shows, and record frames.

    `shown` says which frames of its file a plate shows that is drawn for each record frame.
    """
    shown, drop = shot.plate.shown, shot.plate.drop
    spans = {
        "frames": _span(shot.render, drop),
        "source": _span(shot.source, drop),
        "record": _span(shot.record, False),
    }
    if shown is None:
        return spans
    return spans | {
        "shown": {"file": _span(shown.file, shown.drop), "runs": list(map(list, shown.runs))}
    }


def _versions(engine: str) -> dict[str, str]:
    """The version of dubsync, its engine, Python, and each library that can change the picture."""
    ours = {"dubsync": __version__, "engine": engine, "python": platform.python_version()}
    return ours | {name: _version(name) for name in LIBRARIES}


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write the record, sealed and signed, as JSON with sorted keys, in UTF-8; atomically.

    It is signed by this machine's key; without one it is sealed alone.

    Raises:
        HouseKeyError: the key cannot sign.
        DeliveryError: it cannot be written.
    """
    write_whole(path, signed_text(sealed(record)))


def read_record(folder: Path) -> dict[str, Any]:
    """The record in a version folder.  Every value has the right form; keys may be absent.

    Raises:
        DeliveryError: there is none, or it is damaged.
    """
    hint = "render the shot again"
    try:
        path = next(iter(sorted(folder.glob("*.record.json"))))
        record = read_json(path)
    except StopIteration:
        raise DeliveryError(f"{folder} has no record", hint=hint) from None
    except (OSError, DamagedDocument) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise DeliveryError(f"the record in {folder} cannot be read: {why}", hint=hint) from error
    if why := misshapen(record):
        raise DeliveryError(f"the record in {folder} is damaged: {why}", hint=hint)
    return dict(record)


def whole_record(folder: Path) -> dict[str, Any]:
    """The record in a version folder, with every key, as it was written.

    Raises:
        DeliveryError: there is none, it is damaged, or it was edited.
    """
    record = read_record(folder)
    if why := incomplete(record):
        raise DeliveryError(
            f"the record in {folder} cannot be trusted: {why}", hint="render the shot again"
        )
    return record


def rendered_from(folder: Path, shot: Shot, record: Mapping[str, Any]) -> RenderedShot:
    """The render in version folder `folder`, as its whole `record` describes it."""
    outputs, proof = record["outputs"], record["proof"]

    def path(role: str) -> str:
        return str(folder / outputs[role]["file"]) if role in outputs else ""

    start, stop = record["frames"]["first"], record["frames"]["stop"]
    return RenderedShot(
        shot=shot,
        version=record["version"],
        frames=FrameRange(start, stop, shot.render.rate),
        picture=path("picture"),
        matte=path("matte"),
        layer=path("layer"),
        frames_changed=proof["frames_changed"],
        samples_changed_outside_matte=proof["changed_outside"],
        characters=tuple(record["characters"]),
        digest=record["key"],
        record=str(next(iter(sorted(folder.glob("*.record.json"))))),
        picks={name: Pick(**pick) for name, pick in record["renderers"].items()},
        mouths=mouths_in(record),
    )


def mouths_in(record: Mapping[str, Any]) -> dict[str, tuple[Stretch, ...]]:
    """Character -> the source of each stretch of their mouth's motion; empty in older records."""
    return {
        name: tuple(Stretch(**stretch) for stretch in stretches)
        for name, stretches in record.get("mouths", {}).items()
    }


def intact(folder: Path, record: Mapping[str, Any]) -> bool:
    """Whether every output that the record names is still there, at its recorded size.

    Says nothing about the bytes; `verify_render.altered` does.
    """
    return all(
        _size(folder / output["file"]) == output["bytes"] for output in record["outputs"].values()
    )


def _output(path: Path) -> dict[str, Any]:
    """The entry of one output: a movie's digest, or the digests of an image sequence's frames."""
    files = output_files(path)
    digests = {file.name: file_digest(file) for file in files}
    sha: str | dict[str, str] = digests.get(path.name) or digests
    return {"file": path.name, "bytes": _size(path), "sha256": sha}


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in output_files(path))


def _span(frames: FrameRange, drop: bool) -> dict[str, Any]:
    return {
        "first": frames.start,
        "stop": frames.stop,
        "rate": str(frames.rate),
        "timecode": _timecode(frames, drop),
    }


def _timecode(frames: FrameRange, drop: bool) -> str:
    """The start timecode; "" if SMPTE has none for the rate or the frame."""
    if frames.rate not in TIMECODE_RATES or frames.start < 0:
        return ""
    return str(Timecode(frames.start, frames.rate, drop))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
