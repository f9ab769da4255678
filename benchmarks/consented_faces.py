"""Whether a consent record's picture tells its person from others: refusals, right and wrong.

    python -m benchmarks.consented_faces [--kept FOLDER] [--reel FOLDER]

A picture of each person of ../shared (a single frame at full size) is compared with short plates of
everybody, by the very functions that refuse an actor.  A picture and a plate of one person never
come from the same seconds; where a person has several clips, pictures and plates of different clips
are counted on their own.  With --reel also the plates of a rendered copy of the sample reel.
"""

from __future__ import annotations

import argparse
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.faces import RATE, SHARED, TEST, TUNE
from dubsync.core.face import OTHER_FACE, SAME_FACE, FaceTrack
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.engine import build
from dubsync.media.probe import probe_plate
from dubsync.service.faces.consented_face import Seen, faces_in
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.store.folder import Store

FRAMES, SIDE = 24, 256  #: of each plate


@dataclass(frozen=True, slots=True)
class Piece:
    """Some seconds of one clip that show one person."""

    person: str
    clip: Path
    at: float

    @property
    def name(self) -> str:
        return f"{self.person}_{self.clip.stem}_{self.at:g}"


def pieces() -> Iterator[Piece]:
    for person, clips in {**TUNE, **TEST}.items():
        for clip, starts in clips:
            yield from (Piece(person, SHARED / clip, float(at)) for at in starts)


def of_reel(reel: Path) -> Iterator[Piece]:
    """The sample reel's close-ups; their names say who is seen."""
    for plate in sorted((reel / "plates").glob("*.mov")):
        for who in ("ELISE", "MARC"):
            if f"_{who}_" in plate.name:
                yield from (Piece(f"sample {who}", plate, at) for at in (0.5, 2.0))


def picture_of(piece: Piece, kept: Path) -> Path:
    """One frame at full size, half a second into the piece."""
    path = kept / f"{piece.name}.png"
    if not path.exists():
        _ffmpeg(["-ss", str(piece.at + 0.5), "-i", str(piece.clip), "-frames:v", "1", str(path)])
    return path


def plate_of(piece: Piece, kept: Path) -> Path:
    path = kept / f"{piece.name}.mov"
    if not path.exists():
        shown = f"fps={RATE},scale=-2:{SIDE},setsar=1"
        _ffmpeg(["-ss", str(piece.at), "-i", str(piece.clip), "-vf", shown, "-frames:v",
                 str(FRAMES), "-an", "-c:v", "libx264", "-crf", "14", "-pix_fmt", "yuv420p",
                 str(path)])  # fmt: skip
    return path


def _ffmpeg(arguments: list[str]) -> None:
    subprocess.run(["ffmpeg", "-v", "fatal", "-y", *arguments], check=True)


def _largest(faces: tuple[FaceTrack, ...]) -> FaceTrack | None:
    return max(faces, key=lambda face: float(face.landmarks[..., :2].std()), default=None)


def _kind(mine: Piece, theirs: Piece) -> str:
    if mine.person != theirs.person:
        return "two people"
    return "one person, one clip" if mine.clip == theirs.clip else "one person, other clips"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kept", type=Path, default=Path("/tmp/dubsync_consented"))
    parser.add_argument("--reel", type=Path, help="a rendered copy of the sample reel")
    given = parser.parse_args()
    kept: Path = given.kept
    kept.mkdir(parents=True, exist_ok=True)
    engine, store = build(EngineSettings()), Store(kept)
    tracked = FaceTrackCache(store, engine)
    shown: list[tuple[Piece, Seen]] = []
    seen: list[tuple[Piece, Seen]] = []
    for piece in (*pieces(), *(of_reel(given.reel) if given.reel else ())):
        picture, plate = picture_of(piece, kept), probe_plate(plate_of(piece, kept))
        face = _largest(
            store.tracks(f"picture_{piece.name}", lambda p=picture: faces_in(p, engine))
        )  # type: ignore[misc]
        track = _largest(tracked.faces(plate, plate.frames, shot=piece.name, progress=silent))
        if face is not None:
            shown.append((piece, Seen(piece.name, (face,), photo=picture)))
        if track is not None:
            seen.append((piece, Seen(piece.name, (track,), plate)))
    counts: dict[str, Counter[str]] = {}
    edges: dict[str, list[tuple[float, str]]] = {}
    for mine, picture_seen in shown:
        for theirs, plate_seen in seen:
            if mine == theirs:
                continue
            kind = _kind(mine, theirs)
            apart = picture_seen.apart(plate_seen)
            verdict = "refused" if apart >= OTHER_FACE else "told" if apart > SAME_FACE else "taken"
            counts.setdefault(kind, Counter())[verdict] += 1
            edges.setdefault(kind, []).append((apart, f"{mine.name} / {theirs.name}"))
    print(f"{date.today()}: {len(shown)} pictures, {len(seen)} plates, "
          f"{len({piece.person for piece, _ in shown})} people")  # fmt: skip
    for kind, verdicts in counts.items():
        every = sorted(edges[kind])
        near, far = every[0], every[-1]
        edge = near if kind == "two people" else far
        print(f"{kind}: {sum(verdicts.values())} pairs, {verdicts['refused']} refused, "
              f"{verdicts['told']} told, {verdicts['taken']} taken; median "
              f"{every[len(every) // 2][0]:.2f}, worst {edge[0]:.2f} ({edge[1]})")  # fmt: skip
        for apart, pair in every[:6] if kind == "two people" else every[-6:]:
            print(f"    {apart:.3f} {pair}")


if __name__ == "__main__":
    main()
