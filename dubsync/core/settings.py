"""All settings of a show or machine, as one frozen tree; units are in the docstrings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from difflib import get_close_matches
from math import inf
from typing import Any, Literal, get_args, get_type_hints

from dubsync.core.errors import SettingsError

#: The codecs that edit media can have, the containers of movies, and the programs that dubsync
#: delivers for; "": none.
EditName = Literal["", "prores422hq", "prores4444", "prores4444xq", "dnxhr_hqx", "dnxhr_444",
                   "dnxhd", "xavc", "h264", "exr", "dpx"]  # fmt: skip
EditContainer = Literal["", "mov", "mp4", "mxf", "mxf_opatom"]
HostName = Literal["", "avid", "resolve", "premiere", "finalcut", "nuke"]
HOST_NAMES: tuple[str, ...] = tuple(filter(None, get_args(HostName)))
#: Metadata of a field that `core.digest` leaves out.
NOT_RENDERED: Mapping[str, bool] = {"digest": False}


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """engine.  How faces are tracked and rendered.

    engine      the engine: the name or "module:attribute" of an installed one (an entry point of
                the group "dubsync.engines"); any other needs --allow-engine on the command line
    device      "auto" picks cuda, then mps, then cpu
    crop_px     side of the square face crop that is rendered, pixels; 0: the size of the face in
                the plate, at most 2048
    exemplars   most frames kept in an actor's exemplar bank
    batch       frames rendered at once
    train_minutes  time limit for training an actor's renderer in `dubsync run`; 0: never train
    renderer    renderer of a shot; "auto": the one that scored better on held-out frames
    precision   what networks are computed in: "float32", or "bfloat16", which a GPU does faster and
                which changes a sample by a code or two of 8 bits
    base        the house's own base that actors start from, "NAME/v001" (`dubsync base list`); "":
                the one that ships
    """

    engine: str = "dubsync.engine:build"
    device: str = "auto"
    crop_px: int = 0
    exemplars: int = 450
    batch: int = 8
    train_minutes: float = 5.0
    renderer: Literal["auto", "actor", "warp", "plate"] = "auto"
    # Not in the digest of the settings, or every render made before it was there would be stale:
    # `service.reel.render_key` adds it where it is not the usual one.
    precision: Literal["float32", "bfloat16"] = field(default="float32", metadata=NOT_RENDERED)
    base: str = ""


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """render.  How a rendered picture is finished.

    grain   "plate": what is drawn gets the grain that it lacks of the plate's, where the plate has
            grain that can be measured; "off": it keeps the grain that its own frames bring
    """

    grain: Literal["plate", "off"] = "plate"


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """delivery.  Formats of the rendered pictures.

    picture     of the master: "lossless" (for sequences, the plate's own file type) or
                "prores422hq", which is not bit-exact outside the matte
    container   of lossless movies: "mkv" with FFV1, any pixel format; "mov" with lossless H.264 or
                HEVC, 8 to 12 bits without alpha (DR006)
    edit        codec of the edit media, which lie beside the masters and which the delivered cut
                points at; "": none, the cut points at the masters
    edit_container  of edit media that are movies: "mov", "mp4", "mxf" (OP1a) or "mxf_opatom" (a
                file for each track); "": the one that is usual for the codec
    edit_made   whether "deliver" makes the edit media, or already "sync"
    host        program that the cut is delivered for: its formats are delivered too, and a cut
                whose media it does not open is refused; "": none
    media_paths  how delivered cuts name media: "absolute", as hosts on these disks want them, or
                "relative", for people outside the house: no path of this machine is in them
    territory   where deliveries go: ISO 3166 codes, such as "DE, AT", or "*"; asked for where a
                consent record limits it; "": not said
    media       in what they are shown: such as "streaming, television", or "*"; "": not said
    keep        which versions of a shot keep their media once a newer one stands: "all", or
                "newest" and what is approved, delivered or named in a cut
    """

    picture: Literal["lossless", "prores422hq"] = "lossless"
    container: Literal["mkv", "mov"] = "mkv"
    # What follows changes no render, so it is in no digest.
    edit: EditName = field(default="", metadata=NOT_RENDERED)
    edit_container: EditContainer = field(default="", metadata=NOT_RENDERED)
    edit_made: Literal["deliver", "sync"] = field(default="deliver", metadata=NOT_RENDERED)
    host: HostName = field(default="", metadata=NOT_RENDERED)
    media_paths: Literal["absolute", "relative"] = field(default="absolute", metadata=NOT_RENDERED)
    territory: str = field(default="", metadata=NOT_RENDERED)
    media: str = field(default="", metadata=NOT_RENDERED)
    keep: Literal["all", "newest"] = field(default="all", metadata=NOT_RENDERED)


@dataclass(frozen=True, slots=True)
class QCSettings:
    """qc.  Limits of a good shot.

    offset_ms   most the rendered mouth may lead or lag the dub, ms
    sharpness   least sharpness of mouth and skin, relative to the plate's; fails below 0.7 of it
    flicker     most flicker in the matte, relative to the plate's
    seam        most step of brightness or colour across the matte's edge, % of full scale
    """

    offset_ms: float = 60.0
    sharpness: float = 0.7
    flicker: float = 1.5
    seam: float = 1.2


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """speech.  How sound is analysed.

    diarization  the pipeline for mixed stems: "shipped", or a pyannote.audio pipeline by its
                 Hugging Face name ("pyannote/speaker-diarization-community-1") or folder
    """

    diarization: str = "shipped"


#: How the files of a VFX turnover are numbered.
VfxFrames = Literal["source", "1001"]


@dataclass(frozen=True, slots=True)
class VfxSettings:
    """vfx.  What `dubsync deliver --as vfx` writes.

    frames  numbers of the files: "source" counts as the plate does (its own file numbers, or a
            movie's timecode in frames); "1001" from 1001, the first frame of the head handle
    redraw  draw every shot again, for the raw render and the ST-map; false: without these layers
    """

    frames: VfxFrames = "source"
    redraw: bool = True


@dataclass(frozen=True, slots=True)
class ProofSettings:
    """proof.  What shows, outside the house, who made a picture.

    mark    whether drawn pixels carry the invisible mark of the house, where this machine has its
            key
    mark_off_reason  why the production turned the mark off; the record keeps it.  Needed where mark
            is false
    marker  the marker: the name of an installed one (an entry point of the group
            "dubsync.markers"); "": dubsync's own
    credentials  C2PA of renders and deliveries: "sidecar" beside the media, "embed" also within
            final MOV, MP4 and WAV, or "off"
    """

    # A render's key holds what is marked, so none of it is in a digest of settings.
    mark: bool = field(default=True, metadata=NOT_RENDERED)
    mark_off_reason: str = field(default="", metadata=NOT_RENDERED)
    marker: str = field(default="", metadata=NOT_RENDERED)
    credentials: Literal["sidecar", "embed", "off"] = field(
        default="sidecar", metadata=NOT_RENDERED
    )


#: What is made without credentials, such as a trial that nobody keeps.
NO_CREDENTIALS = ProofSettings(credentials="off")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings: `handles` in frames, and one section for each topic."""

    handles: int = 8
    engine: EngineSettings = field(default_factory=EngineSettings)
    render: RenderSettings = field(default_factory=RenderSettings)
    delivery: DeliverySettings = field(default_factory=DeliverySettings)
    qc: QCSettings = field(default_factory=QCSettings)
    speech: SpeechSettings = field(default_factory=SpeechSettings)
    vfx: VfxSettings = field(default_factory=VfxSettings)
    proof: ProofSettings = field(default_factory=ProofSettings)


#: Setting -> its lowest and highest value, both allowed.
RANGES: Mapping[str, tuple[float, float]] = {
    "handles": (0, 1000),
    "engine.crop_px": (0, 2048),
    "engine.exemplars": (1, 5000),
    "engine.batch": (1, 256),
    "engine.train_minutes": (0, 10_000),
    "qc.offset_ms": (0, 1000),
    "qc.sharpness": (0, 10),
    "qc.flicker": (0, 100),
    "qc.seam": (0, 100),
}


def settings_from(table: Mapping[str, Any], base: Settings | None = None) -> Settings:
    """`base` (default: Settings()) with the values of a TOML `table`.

    Raises:
        SettingsError: an unknown key (the nearest known one is named), a wrong type, a value out
            of RANGES, or a mark turned off without a reason.
    """
    merged: Settings = _merged(base or Settings(), table, "")
    _refuse_unexplained(merged.proof)
    return merged


def _refuse_unexplained(proof: ProofSettings) -> None:
    """Raise SettingsError where the mark is off for no reason."""
    if not proof.mark and not proof.mark_off_reason.strip():
        raise SettingsError(
            "proof.mark = false needs a reason, which the records keep",
            hint='write mark_off_reason = "..." under [proof], or leave the mark on',
        )


def _merged(section: Any, table: Mapping[str, Any], prefix: str) -> Any:
    known = {f.name: f for f in fields(section)}
    hints = get_type_hints(type(section))
    changes: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {prefix}{near[0]}?" if near else "known: " + ", ".join(known)
            raise SettingsError(f"unknown setting {prefix}{key}", hint=hint)
        old = getattr(section, key)
        if is_dataclass(old) != isinstance(value, Mapping):
            wanted = "table" if is_dataclass(old) else "single value"
            raise SettingsError(f"{prefix}{key} should be a {wanted}")
        if isinstance(value, Mapping):
            changes[key] = _merged(old, value, f"{prefix}{key}.")
        else:
            changes[key] = _checked(value, old, hints[key], f"{prefix}{key}")
    return replace(section, **changes)


def _checked(value: Any, old: Any, hint: Any, name: str) -> Any:
    choices = get_args(hint)
    if choices and value not in choices:
        raise SettingsError(f"{name} = {value!r}", hint="one of: " + ", ".join(map(str, choices)))
    if isinstance(old, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(old):
        raise SettingsError(f"{name} = {value!r} should be {type(old).__name__}")
    low, high = RANGES.get(name, (-inf, inf))
    if isinstance(value, int | float) and not low <= value <= high:  # nan is in no range
        raise SettingsError(f"{name} = {value} is out of range", hint=f"{low:g} to {high:g}")
    return value
