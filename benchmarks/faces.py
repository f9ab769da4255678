"""Whose face is whose in twenty reels: wrong faces, and questions for each shot.

    python -m benchmarks.faces [--kept FOLDER] [--reels 20] [--of tune|test] [--silent]

Each reel is made of ../shared's people: shot and reverse shot, two-shots, and reaction shots in
which the person seen listens; lines reach over cuts by padding or by speech, one person may never
speak, and some look alike.  Plates are small, and made once in the kept folder, as are tracks.
MANIFEST says who is who in it.  The reels of the first half are of the people that the rules were
tuned on, those of the second half of others.

For each reel it prints the faces that were given to the wrong character (wanted: 0), the faces that
were missed, the questions, and the shots.  The questions are then answered by the manifest, and
the counts made again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np

from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.shot import Event, Line, Plate, Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine import build
from dubsync.media.probe import probe_plate
from dubsync.service.faces.cast import Casting
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.faces.people import Person
from dubsync.service.faces.plate_sound import PlateSound
from dubsync.service.faces.recognition import recognised
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Store

SHARED = Path(__file__).parents[2] / "shared"
RATE, LENGTH, SIDE = 25, 40, 256  #: frames a second, frames of a plate, and height of a picture
#: Person -> clips, each with the seconds at which pieces begin.
TUNE = {
    "katie": [("footage/katiehill_512_8s.mp4", (0.2, 2.4, 5.6))],
    "braids": [("footage/woman_braids_720p_24s.mp4", (1, 8, 15, 20))],
    "andrew": [("footage/andrew_a_25s.mov", (1, 12)), ("footage/andrew_b_27s.mov", (3, 20))],
    "greenscreen": [("takes/man_greenscreen.mp4", (0, 1.4))],
    "obama": [("footage/obama_oval_20s.mov", (2, 12)), ("footage/obama_2020_20s.mov", (5,)),
              ("footage/obama_address_30s.mov", (9,))],
    "suit": [("footage/man_suit_700_6s.mp4", (0.2, 3))],
    "fr_suit": [("footage/fr_man_suit_512_50s.mp4", (3, 20, 40))],
    "grid_1": [("footage/grid_bbaf2n.mpg", (0, 1.3)), ("footage/grid_s1_bbas1s.mpg", (0.5,))],
    "grid_lbax": [("footage/grid_lbax4n.mpg", (0, 1.3))],
    "ans_fair": [("footage/grid_ans_man_fair.mpg", (0, 1.3))],
    "ans_brown": [("footage/grid_ans_woman_brown.mpg", (0, 1.3))],
    "grimaces": [("takes/woman_grimaces.mp4", (1, 6))],
}  # fmt: skip
TEST = {
    "bluewall": [("footage/woman_bluewall_700_7s.mp4", (0.2, 3.5))],
    "sweater": [("footage/man_black_sweater_1080x1920_20s.mp4", (2, 9, 16))],
    "newsman": [("footage/newsman_512_71s.mp4", (4, 30, 55))],
    "franck": [("footage/franck_4800frames_silent.mp4", (10, 90, 160))],
    "biden": [("footage/biden_whitehouse_720p_7s.mp4", (0.5, 4))],
    "phone": [("takes/man_glasses_phone.mp4", (1, 7))],
    "glasses": [("footage/woman_glasses_512_10s_silent.mp4", (1, 6))],
    "grid_brbk": [("footage/grid_brbk7n.mpg", (0, 1.3))],
    "grid_lbbc": [("footage/grid_lbbc2a.mpg", (0, 1.3))],
    "grid_lrwp": [("footage/grid_lrwp9a.mpg", (0, 1.3))],
    "grid_lwbs": [("footage/grid_lwbsza.mpg", (0, 1.3))],
    "ans_curly": [("footage/grid_ans_woman_curly.mpg", (0, 1.3))],
    "ans_youth": [("footage/grid_ans_youth.mpg", (0, 1.3))],
    # One person, with tinted glasses and without.
    "rdj": [("footage/vox2_p741400163.mp4", (0.5, 6)), ("footage/vox2_a00104.mp4", (0.5, 5))],
    "vox_i98": [("footage/vox2_i00098.mp4", (0.5, 3.5))],
    "shout": [("takes/man_shout.mp4", (0.5, 4))],
    "lipsync": [("takes/woman_lipsync_15s.mp4", (2, 9))],
    "long": [("takes/woman_long_34s.mp4", (2, 18, 28))],
}
#: Pairs who look alike to the descriptor or to people; every third reel has such a pair.
ALIKE = {
    "tune": (("andrew", "greenscreen"), ("katie", "braids"), ("suit", "fr_suit")),
    "test": (("grid_lwbs", "ans_curly"), ("phone", "sweater"), ("lipsync", "bluewall")),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A plate to make: who is seen, left to right; who of them speaks, None: all listen.

    sound  whose piece the sound is taken from; "": silent
    """

    seen: tuple[tuple[str, int], ...]
    speaks: int | None
    sound: tuple[str, int] | None

    @property
    def name(self) -> str:
        people = "+".join(f"{person}{number}" for person, number in self.seen)
        heard = "-".join(map(str, self.sound)) if self.sound else "silent"
        return f"{people}_{self.speaks}_{heard}"


@dataclass(frozen=True, slots=True)
class MadeShot:
    """One shot of a made reel: its piece, and (character, first, stop) of each line in it.

    Times are record frames from the shot's first; a line may begin before it or end after it.
    """

    piece: Piece
    lines: tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class Counts:
    """What was counted in one reel."""

    shots: int = 0
    faces: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    blocked: int = 0
    still_wrong: list[str] = field(default_factory=list)


def made_reel(number: int, people: Mapping[str, object], alike: Sequence[tuple[str, str]]) -> list[
    MadeShot
]:  # fmt: skip
    """The shots of reel `number`: who is seen, who speaks, and how far lines reach over cuts."""
    rng = np.random.default_rng(1400 + number)
    count = 2 + number % 4
    cast = list(alike[number // 3 % len(alike)]) if number % 3 == 0 else []
    others = [name for name in people if name not in cast]
    cast += [str(name) for name in rng.permutation(others)[: count - len(cast)]]
    mute = cast.pop() if number % 2 and len(cast) > 2 else ""
    turns = dict.fromkeys([*cast, mute] if mute else cast, 0)

    def piece(person: str) -> tuple[str, int]:
        turns[person] += 1
        return person, (turns[person] - 1) % _pieces(person)

    shots: list[MadeShot] = []
    tail: tuple[str, int] | None = None  # a line of the last shot that reaches into this one
    order = [cast[n % len(cast)] for n in range(int(rng.integers(6, 11)))]
    for n, speaker in enumerate(order):
        listener = mute if mute and n % 3 == 2 else cast[(cast.index(speaker) + 1) % len(cast)]
        lines = [(tail[0], -10, tail[1])] if tail else []
        tail = None
        kind = float(rng.random())
        if n >= 2 and kind < 0.2:  # a two-shot in which the speaker is left or right
            pair = [piece(speaker), piece(listener)]
            left = int(rng.integers(2))
            seen = tuple(pair if left == 0 else pair[::-1])
            made = Piece(seen, left, pair[0])
        elif n >= 2 and kind < 0.38:  # a reaction shot: the speaker is heard, the listener seen
            made = Piece((piece(listener),), None, (speaker, 0))
        else:
            own = piece(speaker)
            made = Piece((own,), 0, own)
        short = rng.random() < 0.3
        first = (
            int(rng.integers(12, 22)) if short else int(rng.integers(1, 5)) + (10 if lines else 0)
        )
        stop = LENGTH
        if rng.random() < 0.55:  # padding, or speech that goes on over the cut
            reach = int(rng.integers(1, 5)) if rng.random() < 0.6 else int(rng.integers(6, 13))
            stop, tail = LENGTH + reach, (speaker, reach)
        else:
            stop = LENGTH - int(rng.integers(2, 8))
        lines.append((speaker, first, stop))
        shots.append(MadeShot(made, tuple(lines)))
    return shots


def _pieces(person: str) -> int:
    return sum(len(starts) for _, starts in {**TUNE, **TEST}[person])


def _source(person: str, number: int) -> tuple[Path, float]:
    """The clip and the second at which the person's piece begins."""
    every = [(SHARED / clip, float(at))
             for clip, starts in {**TUNE, **TEST}[person] for at in starts]  # fmt: skip
    return every[number % len(every)]


def plate_of(piece: Piece, kept: Path) -> Plate:
    """The piece's plate, made with ffmpeg where it is not yet there."""
    path = kept / "plates" / f"{piece.name}.mov"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        inputs: list[str] = []
        for person, number in piece.seen:
            clip, at = _source(person, number)
            inputs += ["-ss", str(at), "-t", str(LENGTH / RATE + 0.5), "-i", str(clip)]
        parts = []
        for n in range(len(piece.seen)):
            listens = piece.speaks != n
            still = f",trim=end_frame=1,loop=loop={LENGTH}:size=1,setpts=N/{RATE}/TB"
            parts.append(
                f"[{n}:v]fps={RATE},scale=-2:{SIDE}{still if listens else ''},"
                f"tpad=stop_mode=clone:stop_duration=2,trim=end_frame={LENGTH},setsar=1[v{n}]"
            )
        both = "".join(f"[v{n}]" for n in range(len(piece.seen)))
        parts.append(f"{both}{'hstack' if len(piece.seen) == 2 else 'null'}[v]")
        command = ["ffmpeg", "-v", "fatal", "-y", *inputs]
        sound: list[str] = ["-an"]
        if piece.sound is not None and _has_sound(_source(*piece.sound)[0]):
            clip, at = _source(*piece.sound)
            command += ["-ss", str(at), "-t", str(LENGTH / RATE), "-i", str(clip)]
            sound = ["-map", f"{len(piece.seen)}:a", "-c:a", "pcm_s16le", "-ar", "48000"]
        command += ["-filter_complex", ";".join(parts), "-map", "[v]", *sound]
        command += ["-c:v", "libx264", "-crf", "14", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
        command += [str(path)]
        subprocess.run(command, check=True)
    return probe_plate(path)


@cache
def _streams(clip: Path) -> Mapping[str, tuple[int, int]]:
    """Width and height of the clip's streams, by their kind."""
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(clip)]
    shown = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {s["codec_type"]: (s.get("width", 0), s.get("height", 0)) for s in shown["streams"]}


def _has_sound(clip: Path) -> bool:
    return "audio" in _streams(clip)


def shots_of(reel: Sequence[MadeShot], kept: Path, *, mute: bool) -> list[Shot]:
    """The reel as shots; `mute`: its plates have no sound."""
    result = []
    rate = Fraction(RATE)
    for n, made in enumerate(reel):
        piece = replace(made.piece, sound=None) if mute else made.piece
        plate = plate_of(piece, kept)
        record = FrameRange(n * LENGTH, (n + 1) * LENGTH, rate)
        lines = tuple(
            Line(f"{who}_{n}_{k}", who.upper(), "en", "/dub.wav",
                 FrameRange(record.start + first, record.start + stop, rate))
            for k, (who, first, stop) in enumerate(made.lines)
        )  # fmt: skip
        name = f"SH{n + 1:03d}"
        event = Event(str(n + 1), name, plate.name, "", plate.path, record, plate.frames)
        heard = tuple(line for line in lines if _spoken_in(line, event))
        if heard:
            result.append(Shot(name, event, plate, plate.frames, record, plate.frames, lines=heard))
    return result


def _spoken_in(line: Line, event: Event) -> bool:
    from dubsync.editorial.turnover.shots import heard_in_event

    return heard_in_event(line, event)


def truth(made: MadeShot, shot: Shot, person: Person) -> str:
    """The character whose face `person` is, by where it is in the plate; "": undubbed."""
    width = shot.plate.format.width
    seen = made.piece.seen
    at = 0 if len(seen) == 1 else int(person.spot[0] >= width * _share(seen, shot))
    return seen[at][0].upper()


def _share(seen: Sequence[tuple[str, int]], shot: Shot) -> float:
    """Where the two pictures of a plate meet, as a share of its width."""
    wide = []
    for person, number in seen:
        width, height = _streams(_source(person, number)[0])["video"]
        wide.append(width / height)
    return wide[0] / sum(wide)


def counted(reel: Sequence[MadeShot], shots: Sequence[Shot], casting: Casting) -> Counts:
    """Wrong, missed and asked faces of one casting."""
    result = Counts(shots=len(shots))
    by_name = {f"SH{n + 1:03d}": made for n, made in enumerate(reel)}
    for shot in shots:
        made = by_name[shot.name]
        blocking = [w for w in casting.warnings[shot.name] if w.blocking]
        result.blocked += bool(blocking)
        result.questions += [f"{shot.name}: {w.message}" for w in blocking]
        for person in casting.people[shot.name]:
            owner, right = casting.owner(person), truth(made, shot, person)
            result.faces += bool(owner)
            if owner and owner != right:
                result.wrong.append(f"{shot.name}: face {person.number} is {right}, not {owner}")
            if not owner and right in shot.characters and not blocking:
                result.missed.append(f"{shot.name}: face {person.number} is {right}")
    return result


def answers(
    reel: Sequence[MadeShot], shots: Sequence[Shot], casting: Casting
) -> Iterator[tuple[str, str, int]]:
    """(shot, character, face) that answers the first question of each character."""
    by_name = {f"SH{n + 1:03d}": made for n, made in enumerate(reel)}
    done: set[str] = set()
    for shot in shots:
        if not any(w.blocking for w in casting.warnings[shot.name]):
            continue
        for person in casting.people[shot.name]:
            right = truth(by_name[shot.name], shot, person)
            if right in shot.characters and right not in done and not casting.owner(person):
                done.add(right)
                yield shot.name, right, person.number


def measure(number: int, half: str, kept: Path, *, mute: bool) -> Counts:
    """One reel: cast, counted; then its questions answered, cast and counted again."""
    people = TUNE if half == "tune" else TEST
    reel = made_reel(number, people, ALIKE[half])
    shots = shots_of(reel, kept, mute=mute)
    engine = build(EngineSettings())
    store = Store(kept / "project")
    face_tracks = FaceTrackCache(store, engine)
    heard = PlateSound(store, engine, AudioAnalysisCache(store), face_tracks)
    pointed: dict[str, dict[str, tuple[tuple[float, ...], ...]]] = {}

    def casting() -> Casting:
        return recognised(
            shots, pointed, face_tracks=face_tracks, plate_sound=heard, progress=silent
        ).casting

    first = casting()
    result = counted(reel, shots, first)
    now = first
    for _ in range(4):
        given = list(answers(reel, shots, now))
        if not given:
            break
        for shot, character, face in given:
            pointed.setdefault(shot, {})[character] = ((float(face),),)
        now = casting()
    result.still_wrong = counted(reel, shots, now).wrong
    manifest = [{"shot": shot.name, "plate": shot.plate.name, "characters": list(shot.characters)}
                for shot in shots]  # fmt: skip
    (kept / f"MANIFEST_{half}_{number}.json").write_text(json.dumps(manifest, indent=1))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kept", type=Path, default=Path("/tmp/dubsync_faces"))
    parser.add_argument("--reels", type=int, default=20)
    parser.add_argument("--of", choices=("both", "tune", "test"), default="both")
    parser.add_argument("--silent", action="store_true", help="plates without their own sound")
    given = parser.parse_args()
    total: dict[str, list[Counts]] = {"tune": [], "test": []}
    for number in range(given.reels):
        half = "tune" if number < given.reels // 2 else "test"
        if given.of not in ("both", half):
            continue
        one = measure(number, half, given.kept, mute=given.silent)
        total[half].append(one)
        print(
            f"{half} reel {number:2}: {one.shots:2} shots, {one.faces:2} faces given, "
            f"{len(one.wrong)} wrong, {len(one.missed)} missed, {len(one.questions)} questions in "
            f"{one.blocked} shots; answered: {len(one.still_wrong)} wrong", flush=True,
        )  # fmt: skip
        for line in (*one.wrong, *one.still_wrong, *one.missed, *one.questions):
            print(f"    {line}", flush=True)
    for half, every in total.items():
        if every:
            shots, asked = sum(c.shots for c in every), sum(len(c.questions) for c in every)
            wrong = sum(len(c.wrong) + len(c.still_wrong) for c in every)
            print(f"{half}, {date.today()}: {len(every)} reels, {shots} shots, "
                  f"{sum(c.faces for c in every)} faces given, {wrong} wrong, "
                  f"{sum(len(c.missed) for c in every)} missed, {asked} questions "
                  f"({asked / shots:.2f} a shot)")  # fmt: skip


if __name__ == "__main__":
    main()
