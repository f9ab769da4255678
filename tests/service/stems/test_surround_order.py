"""Of a 5.1 or 7.1 dub the dialogue is heard, in film order and in SMPTE order; what lies around it
never moves a mouth."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.sound.tracks import SoundChoice
from dubsync.media.sound.stem import read_sound
from dubsync.service.stems.channels import Measured, choose
from dubsync.service.stems.open_dub import open_dub
from dubsync.service.store.folder import Store
from dubsync.speech.speech_amount import SpeechAmount
from tests.media.sound_synthesis import Track, write_tracks
from tests.service.stems.test_channels import RATE, _ixml, _surround

SMPTE_51 = 0x3F  #: mask of WAVE_FORMAT_EXTENSIBLE: L R C LFE Lb Rb
SPEECH, CROWD, NONE = SpeechAmount(6, 0.6), SpeechAmount(40, 0.5), SpeechAmount(0, 0)
NAMES_51 = ("FL", "FR", "FC", "LFE", "BL", "BR")


DUB = Path(__file__).parents[3] / "sample_projects" / "two_hander" / "dub" / "ELISE_it.wav"


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    """A second and a half of speech, (n,)."""
    samples = np.asarray(read_sound(DUB, rate=RATE).samples)
    power = np.convolve(samples[:: RATE // 10] ** 2, np.ones(15), "valid")
    begin = int(power.argmax()) * (RATE // 10)
    return samples[begin : begin + 3 * RATE // 2]


@pytest.fixture(scope="module")
def music(voice: np.ndarray) -> np.ndarray:
    """Chords that swell, (n, 2), a quarter as loud as the speech."""
    at = np.arange(len(voice)) / RATE
    swell = 0.5 + 0.5 * np.sin(7 * at)
    sides = [sum(np.sin(2 * np.pi * hz * at) for hz in (220, 277, top)) for top in (330, 440)]
    both = np.stack(sides) * swell
    return np.asarray(both.T * voice.std() / both.std() / 4, np.float32)


def wav(path: Path, samples: np.ndarray, *, mask: int | None, rf64: bool = False,
        ixml: bytes = b"") -> Path:  # fmt: skip
    """A WAV as recorders and desks write it: extensible with a channel mask, or plain."""
    data, channels = (samples * 32767).astype("<i2").tobytes(), samples.shape[1]
    fmt = struct.pack("<HHIIHH", 1 if mask is None else 0xFFFE, channels, RATE,
                      RATE * 2 * channels, 2 * channels, 16)  # fmt: skip
    if mask is not None:
        guid = struct.pack("<H", 1) + bytes.fromhex("000000001000800000aa00389b71")
        fmt += struct.pack("<HHI", 22, 16, mask) + guid
    unknown = 0xFFFFFFFF
    parts = [b"fmt " + struct.pack("<I", len(fmt)) + fmt]
    if ixml:
        ixml += b" " * (len(ixml) % 2)
        parts.append(b"iXML" + struct.pack("<I", len(ixml)) + ixml)
    parts.append(b"data" + struct.pack("<I", unknown if rf64 else len(data)) + data)
    body = b"WAVE" + (b"".join(parts))
    if rf64:
        sizes = struct.pack("<QQQI", len(body) + 36, len(data), len(samples), 0)
        body = b"WAVE" + b"ds64" + struct.pack("<I", len(sizes)) + sizes + b"".join(parts)
    head = (b"RF64", unknown) if rf64 else (b"RIFF", len(body))
    path.write_bytes(head[0] + struct.pack("<I", head[1]) + body)
    return path


def heard(path: Path, folder: Path) -> tuple[SoundChoice, str]:
    sound, warnings = open_dub(path, "it-IT", Store(folder / "project"))
    return sound.heard, " | ".join(warning.message for warning in warnings)


@pytest.mark.parametrize(
    ("mask", "rf64", "at", "says"),
    [
        (SMPTE_51, True, 2, "heard on its centre channel"),
        (SMPTE_51, False, 1, "heard on channel 2, where its speech is; hardly any is on its cent"),
        (None, False, 1, "where its speech is; no order is stated: as in film order"),
    ],
)  # fmt: skip
def test_a_stem_of_six_channels_is_heard_by_its_dialogue(
    mask,
    rf64,
    at,
    says,
    voice,
    music,
    tmp_path,
) -> None:
    samples = _surround(voice, music, 6, at) * 0.7

    choice, said = heard(wav(tmp_path / "d.wav", samples, mask=mask, rf64=rf64), tmp_path)

    assert choice == SoundChoice(0, (at + 1,)) and says in said


def test_names_in_ixml_count_more_than_the_mask(voice, music, tmp_path) -> None:
    samples = _surround(voice, music, 6, 1) * 0.7
    samples[:, 2] += 0.2 * voice  # the words spill to the right, which the mask calls the centre
    names = _ixml(["L", "C", "R", "Ls", "Rs", "LFE"])

    choice, said = heard(wav(tmp_path / "d.wav", samples, mask=SMPTE_51, ixml=names), tmp_path)

    assert choice == SoundChoice(0, (2,)) and 'heard on channel 2, "C"' in said


def test_mono_tracks_of_a_movie_in_film_order_are_heard_by_the_second(
    voice,
    music,
    tmp_path,
) -> None:
    samples = _surround(voice, music, 6, 1)
    tracks = [Track(samples[:, n : n + 1].astype(np.float32)) for n in range(6)]

    choice, said = heard(write_tracks(tmp_path / "d.mov", tracks, codec="pcm_s16le"), tmp_path)

    assert choice == SoundChoice(0, (2,)) and "as in film order" in said


@pytest.mark.parametrize("names", [NAMES_51, ("L", "R", "C", "LFE", "Ls", "Rs")])
def test_a_crowd_around_never_takes_the_place_of_few_words(names) -> None:
    amounts = (NONE, NONE, SPEECH, CROWD, CROWD, CROWD)

    assert choose(names, (), Measured(amounts)).channels == (3,)
    assert choose((), names, Measured(amounts)).channels == (3,)


def test_speech_on_a_surround_alone_is_heard_with_a_question() -> None:
    choice = choose(NAMES_51, (), Measured((NONE, NONE, NONE, NONE, SPEECH, NONE)))

    assert choice.channels == (5,)
    assert choice.why.endswith('that channel is named "BL": is their order another?')
