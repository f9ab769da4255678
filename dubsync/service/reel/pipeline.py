"""From a shot to its corrected frames: the only module that calls all engine steps.

track -> fit -> drive -> retarget                    numbers, once a shot
      -> prepare -> render -> composite -> write     pictures, a batch at a time
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.errors import DubsyncError
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.learning.grain import Grain
from dubsync.core.learning.head import HeadShot
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress, Step
from dubsync.core.reading.moments import shot_by_moment
from dubsync.core.shot import ProjectWarning, Shot, Stem
from dubsync.core.steps import (
    Actor,
    AlignedAudio,
    Composite,
    Engine,
    Patch,
    Prepare,
    Renderer,
    RendererName,
    SpeakingStyle,
    TakeCue,
)
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.choices import MOUTH_ONLY, regions_at
from dubsync.core.tweak.landmark_edit import mended
from dubsync.core.tweak.take_comp import ShotWord
from dubsync.core.tweak.tweak import Tweak
from dubsync.media.movie.read_ahead import ReadAhead
from dubsync.media.plate import open_plate
from dubsync.service.faces import plate_sound
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.faces.hidden_mouth import hidden_warnings, kept_where_hidden, without_hidden
from dubsync.service.faces.holdouts import HoldoutCache
from dubsync.service.faces.take_mouths import reading, take_mouths
from dubsync.service.reel.actor_library import ActorLibrary
from dubsync.service.reel.comp_by_hand import comp_at, comp_warnings
from dubsync.service.reel.dubbed_face import DubbedFace
from dubsync.service.reel.grain.plate_grain import giving
from dubsync.service.reel.moments.by_moment import face_by_moment, motion_by_frames
from dubsync.service.reel.moments.composited import Composited
from dubsync.service.reel.moments.face_motion import FaceMotion, Part, with_actor
from dubsync.service.reel.silent_take import silent_take_times
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.spoken_dub import DubSound

#: Frames of a track that are fitted at once.
FITTED = 4000
#: Plate frames that are drawn at once take about this much memory at most: two of UHD in 10 bits.
BATCH_BYTES = 48 << 20

__all__ = ["FaceMotion", "FaceToDrive", "Part", "drive_shot", "make_frames", "with_actor"]


@dataclass(frozen=True, slots=True, eq=False)
class FaceToDrive:
    """One face track of a shot, and everything that moves its mouth except the artist's tweak.

    track     with what stands in front of the face
    original  its motion in the plate, in the basis of `actor`
    dub, plate_audio  the dub and the plate's own sound, aligned with `track.frames`
    takes     the character's tracked takes
    style     how the dub's sound moves the actor's mouth; None: as learnt with the actor
    words     the words of the dub that are heard in the shot
    sound     the dub's sound, for words by hand
    """

    track: FaceTrack
    original: MotionTrack
    actor: Actor
    dub: AlignedAudio
    plate_audio: AlignedAudio | None
    takes: tuple[TakeCue, ...]
    style: SpeakingStyle | None
    words: tuple[ShotWord, ...]
    sound: DubSound

    def dub_with(self, tweak: Tweak) -> AlignedAudio:
        """The dub, said as the words by hand of `tweak` have it."""
        if tweak.spoken is None:
            return self.dub
        return AlignedAudio(self.sound.features(tweak.spoken), self.dub.times)

    def takes_with(self, tweak: Tweak) -> tuple[TakeCue, ...]:
        """The takes, their words spoken where the words by hand of `tweak` have them."""
        if tweak.spoken is None or not self.takes:
            return self.takes
        return self.sound.takes(self.takes, tweak.spoken)


def drive_shot(
    shot: Shot,
    faces: Sequence[DubbedFace],
    actors: ActorLibrary,
    *,
    engine: Engine,
    face_tracks: FaceTrackCache,
    audio_analysis: AudioAnalysisCache,
    in_front: HoldoutCache,
    progress: Progress,
) -> tuple[tuple[FaceMotion, ...], tuple[ProjectWarning, ...]]:
    """The motion of each face track of the shot, and warnings about takes that are not used.

    Args:
        faces: the dubbed faces; one whose pick is "plate" is skipped.
        in_front: finds what hides mouths; those frames keep the plate.

    Raises:
        ConsentMissing, NoFace, EngineError: as `ActorLibrary.actor`.
        MissingMedia, MediaError: as `HoldoutCache.seen`.
    """
    renderers: dict[str, RendererName] = {
        face.character: face.pick.renderer for face in faces if face.pick.renderer != "plate"
    }
    # All actors first: a missing one stops the shot before it is planned.
    drawn_by = {name: actors.drawn_by(name, drawn, progress) for name, drawn in renderers.items()}
    progress(Step("plan", shot.name, 0, 1))
    styles = {name: actors.speaking_style(one, progress) for name, one in drawn_by.items()}
    motions: list[FaceMotion] = []
    warnings: list[ProjectWarning] = []
    for face in (face for face in faces if face.character in renderers):
        character = face.character
        if face.off_screen:
            warnings.append(plate_sound.off_screen_warning(shot, character, face.off_screen))
        seen, its = shot_by_moment(shot), face_by_moment(shot, face, face_tracks, progress)
        to_drive, unusable = faces_to_drive(
            seen, its, drawn_by[character], styles[character], engine=engine,
            face_tracks=face_tracks, audio_analysis=audio_analysis, in_front=in_front,
            progress=progress,
        )  # fmt: skip
        mine = [driven_face(seen, one, its, engine) for one in to_drive]
        warnings += unusable
        comp = comp_at(seen, its.tweak, to_drive[0].words if to_drive else ())
        warnings += comp_warnings(shot, character, comp, [motion.performance for motion in mine])
        if seen is not shot:
            mine = [motion_by_frames(motion, shot, face) for motion in mine]
        warnings += hidden_warnings(shot, character, [motion.performance for motion in mine])
        motions += mine
    progress(Step("plan", shot.name, 1, 1))
    return tuple(motions), tuple(warnings)


def faces_to_drive(
    shot: Shot,
    face: DubbedFace,
    actor: Actor,
    style: SpeakingStyle | None,
    *,
    engine: Engine,
    face_tracks: FaceTrackCache,
    audio_analysis: AudioAnalysisCache,
    in_front: HoldoutCache,
    progress: Progress,
) -> tuple[tuple[FaceToDrive, ...], tuple[ProjectWarning, ...]]:
    """Everything that moves the face but its tweak, for each of its tracks; unusable takes.

    Raises:
        MissingMedia, MediaError: as `HoldoutCache.seen`.
    """
    cues, unusable = _take_cues(shot, face.stem, engine, face_tracks, audio_analysis, progress)
    words = audio_analysis.shot_words(face.stem, shot)
    sound = audio_analysis.dub_sound(face.stem, shot)
    result = []
    for seen in face.tracks:
        track = in_front.seen(shot, seen, progress=progress)
        times = np.array(
            [float(shot.record_seconds(f)) for f in range(track.frames.start, track.frames.stop)]
        )
        dub = AlignedAudio(sound.features(), times)
        plate_audio = audio_analysis.plate_audio(shot.plate, track.frames)
        original = _fitted(engine, track, actor)
        result.append(
            FaceToDrive(track, original, actor, dub, plate_audio, tuple(cues), style, words, sound)
        )
    return tuple(result), tuple(unusable)


def _fitted(engine: Engine, track: FaceTrack, actor: Actor) -> MotionTrack:
    """The track's motion.  A long track is fitted in pieces: a fit takes ten times its memory."""
    if len(track.frames) <= FITTED:
        return engine.fit(track, actor)
    starts = range(0, len(track.frames), FITTED)
    parts = [engine.fit(track.part(a, min(a + FITTED, len(track.frames))), actor) for a in starts]
    names = ("mouth", "upper", "head", "gaze", "blendshapes")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return MotionTrack(track.frames, parts[0].basis, **joined)


def mended_face(one: FaceToDrive, tweak: Tweak, engine: Engine) -> FaceToDrive:
    """`one` with the landmarks that `tweak` sets by hand, and the motion fitted to them."""
    landmarks = mended(one.track.landmarks, one.track.frames.start, tweak.landmarks)
    if landmarks is one.track.landmarks:
        return one
    track = replace(one.track, landmarks=landmarks)
    return replace(one, track=track, original=engine.fit(track, one.actor))


def driven_face(shot: Shot, one: FaceToDrive, face: DubbedFace, engine: Engine) -> FaceMotion:
    """The motion of one track of `face`, moved by the tweak of `face`."""
    one = mended_face(one, face.tweak, engine)
    comp = comp_at(shot, face.tweak, one.words)
    tweak = replace(face.moved_by.moving, comp=comp.keys)
    asked = plate_sound.driven_off_screen(tweak, shot, face.off_screen, one.track.frames)
    performance = engine.drive(
        one.original, one.actor, one.dub_with(tweak), plate_audio=one.plate_audio,
        takes=one.takes_with(tweak), tweak=asked, speaking_style=one.style,
    )  # fmt: skip
    if asked is tweak:
        performance = plate_sound.kept_off_screen(performance, shot, face.off_screen)
    performance = kept_where_hidden(performance, one.track)
    corrected = engine.retarget(one.original, performance, tweak)
    renderer: RendererName = "actor" if face.pick.renderer == "actor" else "warp"
    inside = take_mouths(shot, one.takes_with(tweak), performance, one.dub.times, face.tweak)
    return FaceMotion(
        face.character, without_hidden(one.track), one.original, performance, corrected, renderer,
        face.tweak, inside,
    )  # fmt: skip


def make_frames(
    shot: Shot,
    parts: Sequence[Part],
    *,
    engine: Engine,
    batch: int,
    progress: Progress,
    only: Sequence[int] | None = None,
    told: Callable[[str, Patch, int], None] | None = None,
    grain: Grain | None = None,
) -> Generator[Composite, None, None]:
    """The corrected frames of `shot.render`, in order.  Holds one batch of plate frames in memory,
    and those that are decoded ahead of it; closed, it holds nothing.

    Args:
        only: the plate frames to make, in rising order; None: all of them.
        told: told each character, what is drawn of them, and the frame number.
        grain: of the plate, which is given to what is drawn; None: none is.
    """
    wanted = range(shot.render.start, shot.render.stop) if only is None else only
    give, given = giving(engine, grain, shot), grain is not None
    drawn_parts = [
        part if part.by_moment is None else with_actor(part.by_moment, part.actor, part.head)
        for part in parts
    ]
    seen = shot_by_moment(shot)
    renderers = [
        prepared(part, engine.prepare, seen, progress, drawn_parts, given) for part in drawn_parts
    ]
    done = 0
    heads = any(part.head is not None for part in drawn_parts)
    faces = None if heads else [part.track for part in drawn_parts]
    over = Composited(shot.plate, engine.composite, give, faces)
    with (
        open_plate(shot.plate) as reader,
        ReadAhead(reader.read(wanted)) as frames,
        over as composited,
    ):
        while held := _at_once(frames, batch):
            pictures = composited.pictures(held)
            patches = _patches(pictures, drawn_parts, renderers, composited.told(told))
            for frame in held:
                made = composited.frame(frame, patches)
                done += 1  # the last frame's step must be sent
                progress(Step("render", shot.name, done, len(wanted)))
                yield made


def _at_once(frames: Iterator[Frame], batch: int) -> list[Frame]:
    """The next frames: at most `batch`, and no more once they take BATCH_BYTES."""
    held: list[Frame] = []
    taken = 0
    for frame in islice(frames, batch):
        held.append(frame)
        taken += sum(plane.nbytes for plane in frame.planes)
        if taken >= BATCH_BYTES:
            break
    return held


def prepared(
    part: Part, prepare: Prepare, shot: Shot, progress: Progress, parts: Sequence[Part] = (),
    regrained: bool = False,
) -> Renderer:  # fmt: skip
    """The renderer of one of the shot's `parts`: matte and region as the artist wants them.

    Raises:
        SettingsError: the matte is grown beyond what is drawn.
    """
    shape = part.tweak.matte_shape(part.track.frames)
    more: dict[str, Any] = {} if shape is None else {"matte": shape}
    more |= drawn_region(part.tweak, part.track.frames)
    more |= {} if part.inside is None else {"inside": part.inside}
    more |= {"regrained": True} if regrained else {}
    if part.head is not None:
        more["head"] = HeadShot(
            part.head, reading(shot.plate), shot.plate.name, shot.name, shot.render, progress,
            tuple(other.track for other in parts if other is not part),
        )  # fmt: skip
    return prepare(
        part.actor, part.track, part.original, part.corrected, part.performance.weight,
        renderer=part.renderer, **more,
    )  # fmt: skip


def drawn_region(tweak: Tweak, frames: FrameRange) -> dict[str, Any]:
    """The keyword `region` of `core.steps.Prepare`; {} where it is the mouth in all frames."""
    regions = regions_at(tweak.region, frames)
    return {} if set(regions) <= {MOUTH_ONLY} else {"region": regions}


def _patches(
    frames: Sequence[Frame], parts: Sequence[Part], renderers: Sequence[Renderer],
    told: Callable[[str, Patch, int], None] | None,
) -> dict[int, list[tuple[Patch, Tweak]]]:  # fmt: skip
    """Frame number -> the patches of all faces in that frame, each with the face's tweak."""
    patches: dict[int, list[tuple[Patch, Tweak]]] = {frame.number: [] for frame in frames}
    for part, renderer in zip(parts, renderers, strict=True):
        seen = [frame for frame in frames if frame.number in part.track.frames]
        if not seen:
            continue
        for frame, patch in zip(seen, renderer(seen), strict=True):
            if patch is not None:
                patches[frame.number].append((patch, part.tweak))
                if told is not None:
                    told(part.character, patch, frame.number)
    return patches


def _take_cues(
    shot: Shot,
    stem: Stem,
    engine: Engine,
    face_tracks: FaceTrackCache,
    audio_analysis: AudioAnalysisCache,
    progress: Progress,
) -> tuple[list[TakeCue], list[ProjectWarning]]:
    """The shot's takes of one character, tracked and aligned; warnings about the rest."""
    cues: list[TakeCue] = []
    warnings: list[ProjectWarning] = []
    for take in shot.takes:
        if take.character != stem.character:
            continue
        try:
            line = next(ln for ln in shot.lines if ln.name == take.line)
            if audio_analysis.heard_in(take.plate, stem):
                times, alike = audio_analysis.align_take(take.plate, stem)
                track = face_tracks.voice_actor(take.plate, progress=progress)
            else:
                track = face_tracks.voice_actor(take.plate, progress=progress)
                features = audio_analysis.stem_features(stem)
                placed = silent_take_times(take.plate, track, line, features, engine)
                times, alike = placed.times, np.ones(len(placed.times), np.float32)
                said = f"it has no sound; {placed.how}"
                warnings.append(ProjectWarning(take.name, said, placed.hint))
            first = track.frames.start - take.frames.start
            seen = times[first:][: len(track.frames)]
            span = (
                max(float(line.record.start / line.record.rate), float(seen[0])),
                min(float(line.record.stop / line.record.rate), float(seen[-1])),
            )
            known = alike[first:][: len(track.frames)]
            cues.append(TakeCue(track, seen, span, Path(take.name).stem, known))
        except DubsyncError as error:
            warnings.append(
                ProjectWarning(
                    take.name, f"{error}; the dub's sound drives the mouth instead", error.hint
                )
            )
    return cues, warnings
