"""Opens a dub: which of its sound tracks and channels is heard, and whether speech is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dubsync.core.plural import counted
from dubsync.core.shot import ProjectWarning
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.tracks import WHOLE, ChosenBy, SoundChoice, SoundTrack, track_for
from dubsync.media.sound.stem import SoundFile
from dubsync.service.stems.channels import Heard, heard_channels
from dubsync.service.stems.kept_sounds import kept_sound
from dubsync.service.store.folder import Store
from dubsync.speech.lines import spoken_runs
from dubsync.speech.speech_amount import amount_of

LITTLE_S = 0.3  #: less speech than this in a dub is hardly any
#: Sound that is voiced for so long, of which this share or less is speech, is music or effects.
VOICED_S, LITTLE_SHARE = 3.0, 0.1


def open_dub(
    path: Path, language: str, store: Store, *, asked: SoundChoice = WHOLE, written: str = ""
) -> tuple[SoundFile, tuple[ProjectWarning, ...]]:
    """The sound file at `path`, with the track and channels that are heard, and what to say.

    Args:
        language: of the dub, BCP-47; of several tracks the one that fits is heard.
        asked: the track or channels that the user names.
        written: the path as dubsync.toml has it, for hints; "": the dub of a clip.

    Raises:
        MediaError: no sound, no such track or channel, or a file that cannot be read.
    """
    sound = kept_sound(path, store)
    number, by = _number(sound.tracks, language, asked)
    if number != sound.track.number:
        sound = kept_sound(path, store, number)
    channels = asked.channels or _by_number(sound.tracks, asked)
    heard = Heard(channels) if channels else heard_channels(sound, store)
    chosen = SoundChoice(number if len(sound.tracks) > 1 else 0, heard.channels)
    sound = replace(sound, heard=chosen)
    return sound, tuple(_warnings(sound, heard, by, written))


def speech_warning(about: str, name: str, features: AudioFeatures) -> ProjectWarning | None:
    """A warning where no speech, or hardly any, is heard in the sound file `name`."""
    hint = "check that it is the dialogue, and not music, effects or an empty export"
    runs = spoken_runs(features)
    if not runs:
        return ProjectWarning(about, f"no speech is heard in {name}", hint)
    seconds = amount_of(features).seconds
    voiced = float((features.speech > 0.5).sum()) / READING_RATE
    music = voiced >= VOICED_S and seconds <= LITTLE_SHARE * voiced
    if sum(stop - start for start, stop in runs) < LITTLE_S or music:
        return ProjectWarning(about, f"hardly any speech is heard in {name}", hint)
    return None


def _number(
    tracks: Sequence[SoundTrack], language: str, asked: SoundChoice
) -> tuple[int, ChosenBy]:
    """The number of the track that is heard, and why."""
    if len(tracks) == 1 and len(tracks[0].streams) > 1:
        return 1, "only"  # its mono streams are chosen as channels
    if asked.track:
        return asked.track, "number"
    track, by = track_for(tracks, language)
    return track.number, by


def _by_number(tracks: Sequence[SoundTrack], asked: SoundChoice) -> tuple[int, ...]:
    """A mono stream of a track made of several, which people call a track, too."""
    joined = len(tracks) == 1 and len(tracks[0].streams) > 1
    return (asked.track,) if asked.track and joined else ()


def _warnings(sound: SoundFile, heard: Heard, by: ChosenBy, written: str) -> list[ProjectWarning]:
    name = Path(sound.path).name
    warnings = []
    if by in ("language", "default"):
        first = "the one marked as default" if sound.track.default else "the first"
        why = "by the language of the dub" if by == "language" else first
        listed = ", ".join(track.called for track in sound.tracks)
        warnings.append(
            ProjectWarning(
                name,
                f"{counted(len(sound.tracks), 'sound track')}: {listed}; "
                f"track {sound.track.called} is heard, {why}",
                _hint(written, "track"),
            )
        )
    if not sound.states_delay:
        late = "does not state its encoder's delay: its sound may be up to 0.05 s late"
        warnings.append(ProjectWarning(name, late, "export the dub as WAV"))
    if heard.why:
        warnings.append(ProjectWarning(name, heard.why, _hint(written, "channel")))
    return warnings


def _hint(written: str, what: str) -> str:
    if not written:
        return f"to hear another: --dub-{what} N"
    return f'to hear another: {what} = N under [stems."{written}"] in dubsync.toml'
