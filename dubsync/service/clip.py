"""`dubsync clip`: one clip without a timeline, synced as a reel with a single shot."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.errors import (
    ConsentMissing,
    DeliveryError,
    DubsyncError,
    MediaError,
    MissingMedia,
    SettingsError,
)
from dubsync.core.face import Point
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.result import QCReport
from dubsync.core.settings import Settings
from dubsync.core.shot import Cut, Event, Line, Plate, ProjectWarning, Shot, Stem, Take, Turnover
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.tracks import WHOLE, SoundChoice
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.movie.mux import write_movie_with_sound
from dubsync.media.movie.playable import write_playable
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import probe_sound
from dubsync.service.clip_project import check_no_project, make_clip_project
from dubsync.service.consent.given import given_record, record_language
from dubsync.service.consent.records import LIP_REENACT, ConsentRecord
from dubsync.service.credentials.write import sign_copies
from dubsync.service.faces.people import Person, plainly_seen
from dubsync.service.faces.recognition import not_followed, not_followed_warning
from dubsync.service.qc.check import check_reel
from dubsync.service.qc.check_with_sync import sync_and_check_shots
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.settings.answers import save_points
from dubsync.service.settings.project_file import checked_language
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.open_dub import open_dub, speech_warning
from dubsync.service.stems.sound_faults import sound_faults
from dubsync.service.stems.sound_keys import Rests
from dubsync.service.store.folder import Store
from dubsync.service.voices.mixed_stem import music_warnings
from dubsync.speech.lines import spoken_runs

SPEAKER = "SPEAKER"  #: the one character of a clip
MASTERS = (".mov", ".mkv")
PLAYABLE = ".mp4"
LENGTH_S = 0.02  #: a dub that is so much longer or shorter than the clip is said to be
CUT_WORD_S = 0.1  #: speech that goes on so long after the clip is said to be cut


@dataclass(frozen=True, slots=True)
class ClipResult:
    """A synced clip.

    out       path of the movie that was asked for: `master` or `playable`
    master    the movie with the dub, its picture without loss
    playable  the same to play anywhere: H.264 High, 8 bits, 4:2:0, with AAC, in an .mp4
    reduced   what `playable` lacks of the master, besides its codec
    dubbed    the faces that follow the dub
    left      plate frames (first, last) in which they are not followed: left as in the plate
    others    how many more faces the clip plainly shows
    """

    out: str
    shot: ShotResult
    report: QCReport | None
    master: str = ""
    playable: str = ""
    reduced: tuple[str, ...] = ()
    dubbed: tuple[Person, ...] = ()
    left: tuple[tuple[int, int], ...] = ()
    others: int = 0
    project: str = ""


class MimedTake(AudioAnalysisCache):
    """Audio analysis of a take without sound: speech throughout, since no silence can be found."""

    def stem_features(self, stem: Stem) -> AudioFeatures:
        n = max(1, round(float(stem.stop - stem.start) * READING_RATE))
        return AudioFeatures.of_level(
            start=stem.start,
            mel=np.zeros((n, 40), np.float32),
            loudness=np.full(n, 0.5, np.float32),
            speech=np.ones(n, np.float32),
            closure=np.zeros(n, np.float32),
        )

    def window_digest(self, stem: Stem, shot: Shot) -> str:
        return self._store.file_digest(Path(stem.path))

    def rests_under(self, stem: Stem, shot: Shot) -> Rests:
        return ()

    def frame_digests(self, stem: Stem, shot: Shot, within_s: Fraction) -> tuple[str, ...]:
        return (self.window_digest(stem, shot),) * len(shot.render)


def sync_clip(
    video: Path,
    *,
    dub: Path | None,
    take: Path | None,
    consent: Path | None,
    out: Path,
    faces: Sequence[Point] = (),
    language: str = "",
    heard: SoundChoice = WHOLE,
    project: bool = False,
    settings: Settings | None = None,
    progress: Progress = silent,
    warned: Callable[[ProjectWarning], None] = lambda warning: None,
) -> ClipResult:
    """Make the mouth in `video` follow `dub`, `take`, or the take aligned to the dub.

    Two movies are written: the lossless master (.mov or .mkv) and one that plays anywhere (.mp4);
    `out` names either, and the other has the same name.  Picture, matte, layer, record and report
    are written to the folder `OUT.dubsync`.

    Args:
        heard: the sound track and channel of the dub that the user names.
        project: make `OUT.dubsync` a project, which can be tweaked and run again.
        warned: called before anything is rendered, with each warning about the faces.
        faces: which face follows the dub, where the clip shows several people: numbers of
            `OUT.dubsync/faces.png`, or points in plate pixels; several are faces of one person.

    Raises:
        DubsyncError: bad input, no consent, or a face that is not found or is ambiguous.

    Example:
        >>> result = sync_clip(  # doctest: +SKIP
        ...     Path("clip.mov"), dub=Path("clip_it.wav"), take=None,
        ...     consent=Path("anna-b.toml"), out=Path("clip_it.mov"),
        ... )
    """
    sound = _checked_sound(video, dub, take, out)
    consents, record = given_record(consent)
    plate = _movie(video)
    store = Store(out.parent / f"{out.stem}.dubsync")
    spoken = _language(language, record)
    stem, mimed, said = _stem(sound, spoken, store, heard, is_take=dub is None)
    _check_project(project, store.folder, mimed)
    audio = MimedTake(store) if mimed else AudioAnalysisCache(store)
    reel = Reel(
        turnover=_turnover(plate, stem, take, (*said, *_sound_warnings(plate, stem, audio, mimed))),
        stems={SPEAKER: stem},
        language=spoken,
        performers={SPEAKER: record.performer},
        consents=consents,
        settings=_kept_in(out, settings or Settings()),
        store=store,
        audio_analysis=audio,
        pointed={_name(plate): {SPEAKER: tuple(faces)}} if faces else {},
        of_clip=True,
    )
    _warn(reel, warned, progress)
    made = _made(reel, out, _own_sound(plate) if mimed else sound, progress)
    return _as_project(made, reel, dub, take, consent, progress) if project else made


def _movie(video: Path) -> Plate:
    plate = probe_plate(video)
    if plate.first_number is not None:
        raise SettingsError(f"{video} is an image sequence", hint="clip takes movies; use a reel")
    return plate


def _check_project(asked: bool, folder: Path, mimed: bool) -> None:
    """Refuse what can be no project before anything is rendered."""
    if not asked:
        return
    check_no_project(folder)
    if mimed:
        raise SettingsError("a take without sound and without a dub is no project",
                            hint="give --dub too, or leave --project out")  # fmt: skip


def _as_project(
    made: ClipResult, reel: Reel, dub: Path | None, take: Path | None, consent: Path | None,
    progress: Progress,
) -> ClipResult:  # fmt: skip
    """The clip with its folder made a project."""
    assert consent is not None  # given_record found it
    (shot,) = reel.turnover.shots
    heard = reel.stems[SPEAKER].heard
    folder, points = reel.store.folder, reel.pointed.get(shot.name, {}).get(SPEAKER, ())
    if points:
        save_points(folder, shot.name, SPEAKER, reel.spots(shot.name, points, progress))
    make_clip_project(
        folder, shot.event, shot.plate, character=SPEAKER, performer=reel.performers[SPEAKER],
        language=reel.language, dub=dub, take=take, consent=consent,
        heard=heard if dub and len(heard.channels) < 2 else WHOLE, settings=reel.settings,
    )  # fmt: skip
    return replace(made, project=str(folder))


def _warn(reel: Reel, warned: Callable[[ProjectWarning], None], progress: Progress) -> None:
    """Say what is known of the clip's faces before it is rendered."""
    (shot,) = reel.turnover.shots
    if reel.refusal(shot) is None:
        with suppress(DubsyncError):  # what stops the shot is said by its result
            for warning in reel.look(progress).plan(shot).warnings:
                warned(warning)


def _own_sound(plate: Plate) -> Path | None:
    """The plate as a sound file; None if it is silent too."""
    try:
        return Path(probe_sound(Path(plate.path)).path)
    except MediaError:
        return None


def _made(reel: Reel, out: Path, sound: Path | None, progress: Progress) -> ClipResult:
    (shot,) = reel.turnover.shots
    (result,) = sync_and_check_shots(reel, [shot.name], progress)
    if result.rendered is None:
        if result.status == "blocked" and reel.refusal(shot):
            raise ConsentMissing(result.reason, hint=result.hint)
        raise DubsyncError(result.reason, hint=result.hint)
    report = check_reel(reel, [shot.name], name=out.stem, results=[result], progress=progress)
    reel.consent(shot, LIP_REENACT)  # it may be withdrawn while the shot was checked
    progress = reel.watching(progress, shot)
    master, playable = _movies(out)
    track = reel.stems[SPEAKER].heard.track
    write_movie_with_sound(result.rendered.picture, sound, master, track=track)
    try:
        reduced = write_playable(
            master, playable, done=lambda n, total: progress(Step("movie", shot.name, n, total))
        )
    finally:  # without the second movie there is no first: the command can then be run again
        if not playable.exists():
            master.unlink()
    sign_copies((master, playable), Path(result.rendered.record), reel.settings.proof)
    known = reel.look(progress).recognition
    tracks = known.casting.tracks.get(shot.name, {}).get(SPEAKER, ())
    everyone = known.casting.people.get(shot.name, ())
    dubbed = tuple(person for person in everyone if known.casting.owner(person) == SPEAKER)
    left = not_followed(shot, SPEAKER, tracks)
    said = not_followed_warning(shot, SPEAKER, left)
    warnings = (*reel.turnover.warnings, *(w for w in result.warnings if w != said))
    others = sum(person not in dubbed for person in plainly_seen(shot, everyone))
    return ClipResult(
        str(out), replace(result, warnings=warnings), report, str(master), str(playable), reduced,
        dubbed, left, others,
    )  # fmt: skip


def _movies(out: Path) -> tuple[Path, Path]:
    """The lossless master and the movie that plays anywhere: one of them is `out`."""
    if out.suffix.lower() == PLAYABLE:
        return out.with_suffix(".mkv"), out
    return out, out.with_suffix(PLAYABLE)


def _kept_in(out: Path, settings: Settings) -> Settings:
    """`settings` with renders in the master's container: sound is added without recoding."""
    container: Any = _movies(out)[0].suffix.lower().removeprefix(".")
    return replace(settings, delivery=replace(settings.delivery, container=container))


def _checked_sound(video: Path, dub: Path | None, take: Path | None, out: Path) -> Path:
    """The sound to follow, when all the files are as they must be."""
    sound = dub or take
    if sound is None:
        raise SettingsError(
            "there is no dub and no take to follow", hint="give --dub SOUND, --take MOVIE, or both"
        )
    for path in (video, *(p for p in (dub, take) if p)):
        if not path.is_file():
            raise MissingMedia(f"{path} does not exist", hint="check the path")
    if out.suffix.lower() not in (*MASTERS, PLAYABLE):
        raise SettingsError(
            f"a clip cannot be written as {out.suffix or 'a file without suffix'}",
            hint="-o NAME.mov or NAME.mkv (lossless), or NAME.mp4 (plays anywhere): the other is "
            "written beside it",
        )
    _check_not_there(out, (video, *(p for p in (dub, take) if p)))
    if not out.parent.is_dir():
        raise MissingMedia(f"the folder {out.parent} does not exist", hint="create it first")
    return sound


def _check_not_there(out: Path, read: tuple[Path, ...]) -> None:
    """Refuse to write over a file: a clip beside its own name is the usual slip."""
    other = next(
        out.with_stem(f"{out.stem}_{n}")
        for n in ("dub", *range(2, 1000))
        if not any(path.exists() for path in _movies(out.with_stem(f"{out.stem}_{n}")))
    )
    for path in _movies(out):
        if not path.exists():
            continue
        what = "is read by this command" if any(path.samefile(p) for p in read) else "exists"
        beside = "" if path == out else f" (it is written beside {out.name})"
        raise DeliveryError(
            f"{path} {what}, and dubsync does not overwrite files{beside}",
            hint=f"choose another name, such as -o {shlex.quote(str(other))}",
        )


def _language(tag: str, record: ConsentRecord) -> str:
    """The language given; else the record's only one; "und" if the record covers all."""
    if tag:
        return checked_language(tag)
    if len(record.languages) == 1:
        return record_language(record)
    raise SettingsError("the consent covers several languages", hint="--language, as de-DE")


def _stem(
    sound: Path, language: str, store: Store, asked: SoundChoice, *, is_take: bool
) -> tuple[Stem, bool, tuple[ProjectWarning, ...]]:
    """The sound to follow, from the clip's first frame; whether it is a take without sound.

    And what to say about its tracks and channels.
    """
    if is_take:
        take = probe_plate(sound)
        if not take.has_sound:
            n = round(Fraction(len(take.frames)) / take.frames.rate * 48000)
            return Stem(SPEAKER, "und", str(sound), 48000, n, Fraction(0)), True, ()
    result, said = open_dub(sound, language, store, asked=asked)
    stem = Stem(SPEAKER, "und", str(sound), result.sample_rate, result.n_samples, Fraction(0),
                heard=result.heard)  # fmt: skip
    return stem, False, said


def _turnover(
    plate: Plate, stem: Stem, take: Path | None, warnings: tuple[ProjectWarning, ...]
) -> Turnover:
    record = FrameRange(0, len(plate.frames), plate.frames.rate)
    name = _name(plate)
    event = Event("1", name, plate.name, plate.reel, plate.path, record, plate.frames)
    cut = Cut(name, plate.path, plate.frames.rate, plate.drop, (event,))
    line = Line(f"{SPEAKER}_L001", SPEAKER, stem.language, stem.path, record)
    takes: Sequence[Take] = ()
    if take is not None:
        takes = (Take(probe_plate(take), SPEAKER, line.name),)
    shot = Shot(
        name=name, event=event, plate=plate, source=plate.frames, record=record,
        render=plate.frames, lines=(line,), takes=tuple(takes),
    )  # fmt: skip
    return Turnover(cut, (shot,), warnings=warnings)


def _sound_warnings(
    plate: Plate, stem: Stem, audio: AudioAnalysisCache, mimed: bool
) -> tuple[ProjectWarning, ...]:
    """What to say about the length of the dub, and about a dub without speech."""
    name = Path(stem.path).name
    length = Fraction(len(plate.frames)) / plate.frames.rate
    if mimed:
        follows = "it has no sound: the mouth follows its picture, from the first frame on"
        return (ProjectWarning(name, follows), *_length_warnings(name, stem.stop - length, "take"))
    features = audio.stem_features(stem)
    silent_dub = speech_warning(_name(plate), name, features)
    cut = [stop for _, stop in spoken_runs(features) if stop > float(length) + CUT_WORD_S]
    hint = "speech is heard there: is it the dub of this clip?" if cut else ""
    if stem.stop < length and not plate.has_sound:
        hint = "the clip has no sound: where its mouth moves only a little then, it stays as filmed"
    lengths = _length_warnings(name, stem.stop - length, "dub", hint)
    faults = sound_faults(
        _name(plate), name, features, audio.condition(stem), lambda at: f"{at:.1f} s"
    )
    music = music_warnings(stem, audio, spoken_runs(features))
    return (*((silent_dub,) if silent_dub else ()), *faults, *music, *lengths)


def _length_warnings(
    name: str, over: Fraction, what: str, hint: str = ""
) -> tuple[ProjectWarning, ...]:
    """A warning where sound is longer or shorter than the clip, by `over` seconds."""
    if abs(over) < LENGTH_S:
        return ()
    by = f"{abs(float(over)):.2f} s"
    if over > 0:
        lost = "cut" if what == "dub" else "not used"
        message = f"{by} longer than the clip; its last {by} are {lost}"
        return (ProjectWarning(name, message, hint),)
    follows = "silence follows it" if what == "dub" else "the mouth stays as filmed after it"
    return (ProjectWarning(name, f"{by} shorter than the clip; {follows}", hint),)


def _name(plate: Plate) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", Path(plate.name).stem)[:64].strip("._") or "clip"
