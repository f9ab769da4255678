"""How much disk the next run of a project needs, known before any work.

Each shot's bytes come from the best that is known of them: the finished render of the same plate;
else a picture of the plate itself, encoded as the render will be; else the project's other renders;
else `PER_PIXEL`, measured on the sample reel.  No engine is loaded and no face is looked for.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median

from dubsync.core.errors import DeliveryError, DubsyncError, MediaError
from dubsync.core.picture import Frame
from dubsync.core.shot import Plate, Shot
from dubsync.media.files.cannot_write import size
from dubsync.media.movie.picture_bytes import PRORES, lossless_bytes, picture_bytes
from dubsync.media.plate import open_plate
from dubsync.media.stills.sequence import still_path
from dubsync.service.disk_space.model_bytes import models_needed
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.render.provenance import whole_record

#: The share by which an estimate may be wrong: with finished renders of the same plates, and
#: without (`python -m benchmarks.disk`).
ERROR_AFTER, ERROR_BEFORE = 0.1, 0.35
#: Bytes of one pixel of a frame, by kind, where nothing better is known.
PER_PIXEL: Mapping[str, float] = {"picture": 0.35, "matte": 0.01, "layer": 0.16}
#: Bytes of one pixel of a frame of edit media, by codec.  ProRes and DNxHR by their tables of rates
#: at 1920 x 1080; DPX has 10 bits of each of 3 samples in 4 bytes.
EDIT: Mapping[str, float] = {
    "prores422hq": 0.6, "prores4444": 0.9, "prores4444xq": 1.35, "dnxhr_hqx": 0.45,
    "dnxhr_444": 0.9, "dnxhd": 0.45, "xavc": 0.3, "h264": 0.06, "exr": 4.0, "dpx": 4.0,
}  # fmt: skip
#: Bytes of caches for each frame, and of records, report and delivery for each shot.
CACHES, PAPERS = 20_000, 500_000
#: Most plates of which a picture is encoded: a reel of 250 events is asked in seconds.
MOST_PLATES = 12


@dataclass(frozen=True, slots=True)
class Needed:
    """What a run needs.

    bytes_by_shot  shot name -> bytes that its render will take, edit media included
    bytes_by_kind  "picture", "matte", "layer", "edit media", "models", "caches", "papers" -> bytes
    free           bytes that may still be written on the project's disk
    within         share by which the sum may be wrong
    """

    bytes_by_shot: Mapping[str, int]
    bytes_by_kind: Mapping[str, int]
    free: int
    within: float

    @property
    def total(self) -> int:
        return sum(self.bytes_by_kind.values())

    @property
    def short(self) -> int:
        """Bytes that are lacking; 0: it fits."""
        return max(0, self.total - self.free)

    @property
    def sentence(self) -> str:
        """What a person is told: "about 3.1 MB (within 10 %) of 12 GB that are free"."""
        within = f"within {self.within:.0%}".replace("%", " %")
        return f"about {size(self.total)} ({within}) of {size(self.free)} that are free"


def needed(
    reel: ReelInputs, names: Sequence[str] | None = None, *, pictures: bool = True
) -> Needed:
    """What the next run of `reel` needs.

    Args:
        names: the shots that are to be rendered; None: those without a render of these frames.
        pictures: look at pictures of plates that have no render, which takes seconds.
    """
    shots = [shot for shot in reel.turnover.shots if reel.renderer_setting(shot) != "plate"]
    known = _Known(reel, shots, MOST_PLATES if pictures else 0)
    wanted = [shot for shot in shots if _is_wanted(shot, names, known)]
    kinds: dict[str, int] = {}
    each: dict[str, int] = {}
    for shot in wanted:
        taken = known.of(shot)
        each[shot.name] = sum(taken.values())
        for kind, count in taken.items():
            kinds[kind] = kinds.get(kind, 0) + count
    if wanted:
        kinds |= {
            "models": models_needed(reel, wanted),
            "caches": CACHES * sum(len(shot.render) for shot in wanted),
            "papers": PAPERS * len(wanted),
        }
    free = shutil.disk_usage(reel.store.folder).free
    sure = all(shot.plate.name in known.plates for shot in wanted)
    return Needed(each, kinds, free, ERROR_AFTER if sure else ERROR_BEFORE)


def refuse_short(need: Needed, folder: Path) -> None:
    """Raise DeliveryError where the disk of `folder` has too little space for what is needed."""
    if not need.short:
        return
    most = sorted(need.bytes_by_kind.items(), key=lambda one: -one[1])[:3]
    parts = ", ".join(f"{kind} {size(count)}" for kind, count in most if count)
    raise DeliveryError(
        f"the disk of {folder} is too small for this run: {size(need.short)} are lacking; it needs "
        f"{need.sentence} ({parts})",
        hint="see what can go: dubsync clean REEL; or go on as far as it fits: --ignore-space",
    )


def _is_wanted(shot: Shot, names: Sequence[str] | None, known: _Known) -> bool:
    return shot.name not in known.rendered if names is None else shot.name in names


#: Kind -> bytes.
_Bytes = dict[str, float]


class _Known:
    """What finished renders and plates say of the bytes of a frame.

    plates    plate name -> bytes of each pixel of a frame, by kind, as its newest render took
    rendered  names of the shots that have a render of exactly their frames
    """

    def __init__(self, reel: ReelInputs, shots: Sequence[Shot], most: int) -> None:
        """`most`: plates of which a picture is looked at."""
        self._delivery = reel.settings.delivery
        self.plates: dict[str, _Bytes] = {}
        self.rendered: set[str] = set()
        for shot in shots:
            folder = reel.store.latest("renders", shot.name)
            taken = None if folder is None else _taken(folder, shot)
            if taken is not None:
                self.plates[shot.plate.name], whole = taken
                self.rendered |= {shot.name} if whole else set()
        self._sampled = self._some_of(shots, most) if most else []

    def _some_of(self, shots: Sequence[Shot], most: int) -> list[Plate]:
        """Plates to look at: those of no render, spread over the reel."""
        plates = {s.plate.path: s.plate for s in shots if s.plate.name not in self.plates}
        step = -(-len(plates) // most) or 1
        return list(plates.values())[::step]

    def of(self, shot: Shot) -> dict[str, int]:
        """Kind -> bytes of the shot's render and of its edit media."""
        pixels = shot.plate.format.width * shot.plate.format.height * len(shot.render)
        rates = {**PER_PIXEL, **self._usual, **self._looked_at(shot.plate),
                 **self.plates.get(shot.plate.name, {})}  # fmt: skip
        if self._delivery.edit:
            rates.setdefault("edit media", EDIT[self._delivery.edit])
        else:
            rates.pop("edit media", None)
        return {kind: round(rate * pixels) for kind, rate in rates.items()}

    @cached_property
    def _usual(self) -> _Bytes:
        """The median of the project's renders."""
        kinds = {kind for one in self.plates.values() for kind in one}
        return {kind: median(one[kind] for one in self.plates.values() if kind in one)
                for kind in kinds}  # fmt: skip

    def _looked_at(self, plate: Plate) -> _Bytes:
        """What pictures of this plate take; of one that is not looked at, what the others do."""
        if plate.name in self.plates:
            return {}
        alike = [one for path, one in self._pictures.items() if path == plate.path]
        alike = alike or list(self._pictures.values())
        kinds = {kind for one in alike for kind in one}
        return {kind: median(one[kind] for one in alike if kind in one) for kind in kinds}

    @cached_property
    def _pictures(self) -> dict[str, _Bytes]:
        """Path of a plate that was looked at -> bytes of each pixel of its middle picture."""
        found = {}
        for plate in self._sampled:
            try:
                found[plate.path] = self._one_picture(plate)
            except (DubsyncError, OSError):
                continue  # sync says what is wrong with it
        return found

    def _one_picture(self, plate: Plate) -> _Bytes:
        form, frames = plate.format, plate.frames
        pixels, middle = form.width * form.height, frames.start + len(frames) // 2
        sequence = plate.first_number is not None and self._delivery.picture == "lossless"
        rates: _Bytes = {}
        if sequence:
            number = (plate.first_number or 0) + middle - frames.start
            rates["picture"] = still_path(Path(plate.path), number).stat().st_size / pixels
        with open_plate(plate) as reader:
            (frame,) = reader.read([middle])
        if not sequence:
            rates["picture"] = self._master(frame) / pixels
        if self._delivery.edit == "prores422hq" and not form.floating:
            rates["edit media"] = picture_bytes(frame, PRORES) / pixels
        return rates

    def _master(self, frame: Frame) -> int:
        if self._delivery.picture == "lossless":
            return lossless_bytes(frame, f".{self._delivery.container}")
        return picture_bytes(frame, PRORES)


def _taken(folder: Path, shot: Shot) -> tuple[_Bytes, bool] | None:
    """Bytes of each pixel of a frame in a render, and whether it holds exactly the shot's frames.

    None: its record is damaged.
    """
    try:
        record = whole_record(folder)
    except (DeliveryError, MediaError):
        return None
    first, stop = record["frames"]["first"], record["frames"]["stop"]
    pixels = (stop - first) * shot.plate.format.width * shot.plate.format.height
    rates = {role: out["bytes"] / pixels for role, out in record["outputs"].items()}
    edits = [sum(file.stat().st_size for file in one.iterdir() if file.is_file())
             for one in folder.glob("edit/*") if one.is_dir()]  # fmt: skip
    if edits:
        rates["edit media"] = max(edits) / pixels
    same = record["plate"] == shot.plate.name
    return rates, same and (first, stop) == (shot.render.start, shot.render.stop)
