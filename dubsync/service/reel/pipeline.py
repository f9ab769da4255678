"""The straight line from a shot to its corrected frames, and the only place where all steps meet.

track -> fit -> drive -> retarget          looked at once, kept
      -> prepare -> render -> composite -> write     made, a batch at a time
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dubsync.core.errors import DubsyncError
from dubsync.core.face import FaceTrack, MotionTrack, Performance
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress, Step
from dubsync.core.shot import Line, ProjectWarning, Shot, Stem
from dubsync.core.steps import (
    Actor,
    Composite,
    Engine,
    Footage,
    Patch,
    Renderer,
    RendererName,
    SpeakingStyle,
    TakeCue,
)
from dubsync.core.tweak import Tweak
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.faces.plate_sound import off_screen_warning, skipped
from dubsync.service.stems.audio_analysis import AudioAnalysisCache


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One face's part in a shot: how it moved, how it shall move, and what draws it."""

    character: str
    actor: Actor
    track: FaceTrack
    original: MotionTrack
    performance: Performance
    corrected: MotionTrack
    renderer: RendererName = "warp"


def footage_of(
    shot: Shot, tracks: Sequence[FaceTrack], audio_analysis: AudioAnalysisCache
) -> Iterator[Footage]:
    """What `shot` can teach about the actor whose face `tracks` follow."""

    def read(numbers: Sequence[int]) -> Iterator[Frame]:
        with open_plate(shot.plate) as reader:
            yield from reader.read(numbers)

    for track in tracks:
        yield Footage(
            shot.plate.name, track, read, audio_analysis.plate_audio(shot.plate, track.frames)
        )


def plan_shot(
    shot: Shot,
    cast: Mapping[str, Sequence[FaceTrack]],
    actors: Mapping[str, Actor],
    renderers: Mapping[str, RendererName],
    stems: Mapping[str, Stem],
    *,
    speaking_styles: Mapping[str, SpeakingStyle | None],
    engine: Engine,
    face_tracks: FaceTrackCache,
    audio_analysis: AudioAnalysisCache,
    tweaks: Mapping[str, Tweak],
    off_screen: Mapping[str, Sequence[Line]],
    progress: Progress,
) -> tuple[tuple[Part, ...], tuple[ProjectWarning, ...]]:
    """Every face's Part in the shot, and warnings about takes that could not be used.

    `speaking_styles` and `tweaks` are by character; who has no tweak moves as the dub says.
    `off_screen` are lines, by character, that nobody on screen speaks: the mouth is skipped
    there.
    """
    parts: list[Part] = []
    warnings: list[ProjectWarning] = []
    for character, tracks in cast.items():
        tweak = tweaks.get(character, Tweak())
        elsewhere = off_screen.get(character, ())
        if elsewhere:
            warnings.append(off_screen_warning(shot, character, elsewhere))
        cues, unusable = _take_cues(shot, stems[character], face_tracks, audio_analysis, progress)
        warnings += unusable
        for track in tracks:
            actor = actors[character]
            original = engine.fit(track, actor)
            performance = engine.drive(
                original,
                actor,
                audio_analysis.dub_audio(stems[character], shot, track.frames),
                said=audio_analysis.plate_audio(shot.plate, track.frames),
                takes=cues,
                tweak=tweak,
                speaking_style=speaking_styles[character],
            )
            performance = skipped(performance, shot, elsewhere)
            corrected = engine.retarget(original, performance, tweak)
            drawn = renderers[character]
            parts.append(Part(character, actor, track, original, performance, corrected, drawn))
    return tuple(parts), tuple(warnings)


def make_frames(
    shot: Shot,
    parts: Sequence[Part],
    *,
    engine: Engine,
    batch: int,
    progress: Progress,
    only: Sequence[int] | None = None,
) -> Iterator[Composite]:
    """The corrected frames of `shot.render`, in order.  Holds one batch of the plate.

    Args:
        only: rising plate frame numbers, of which alone frames are made; None: of all.
    """
    wanted = range(shot.render.start, shot.render.stop) if only is None else only
    renderers = [
        engine.prepare(
            p.actor, p.track, p.original, p.corrected, p.performance.weight, renderer=p.renderer
        )
        for p in parts
    ]
    done = 0
    with open_plate(shot.plate) as reader:
        frames = reader.read(wanted)
        while held := list(islice(frames, batch)):
            patches = _patches(held, parts, renderers)
            for frame in held:
                made = engine.composite(frame, patches[frame.number])
                done += 1
                progress(Step("render", shot.name, done, len(wanted)))  # none may ask past the last
                yield made


def _patches(
    frames: Sequence[Frame], parts: Sequence[Part], renderers: Sequence[Renderer]
) -> dict[int, list[Patch]]:
    """Frame number -> the new pictures of all faces in that frame."""
    patches: dict[int, list[Patch]] = {frame.number: [] for frame in frames}
    for part, renderer in zip(parts, renderers, strict=True):
        seen = [frame for frame in frames if frame.number in part.track.frames]
        if not seen:
            continue
        for frame, patch in zip(seen, renderer(seen), strict=True):
            if patch is not None:
                patches[frame.number].append(patch)
    return patches


def _take_cues(
    shot: Shot,
    stem: Stem,
    face_tracks: FaceTrackCache,
    audio_analysis: AudioAnalysisCache,
    progress: Progress,
) -> tuple[list[TakeCue], list[ProjectWarning]]:
    """The shot's takes of one character, tracked and laid against the dub."""
    cues: list[TakeCue] = []
    warnings: list[ProjectWarning] = []
    for take in shot.takes:
        if take.character != stem.character:
            continue
        try:
            plate = probe_plate(Path(take.path))
            times, alike = audio_analysis.align_take(plate, stem)
            track = face_tracks.voice_actor(plate, progress=progress)
            first = track.frames.start - plate.frames.start
            seen = times[first:][: len(track.frames)]
            line = next(ln for ln in shot.lines if ln.name == take.line)
            span = (
                max(float(line.record.start / line.record.rate), float(seen[0])),
                min(float(line.record.stop / line.record.rate), float(seen[-1])),
            )
            known = alike[first:][: len(track.frames)]
            cues.append(TakeCue(track, seen, span, Path(take.name).stem, known))
        except DubsyncError as error:
            warnings.append(
                ProjectWarning(take.name, f"{error}; the dub's sound drives instead", error.hint)
            )
    return cues, warnings
