"""The reel's sound: lines spoken, plates' production sound, original mix, dub stems, truth files.

Stems are Broadcast Wave files (EBU Tech 3285). Their TimeReference counts samples of real time
since midnight, so at 24000/1001 the timecode 01:00:00:00 is 3603.6 s, not 3600 s.
"""

from __future__ import annotations

import csv
import io
import json
import re
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import screenplay as sp
import soundfile
from voice import RATE, Phone, Spoken, Voices

ROOM_TONE = 10 ** (-72 / 20)
"""Root mean square of the production sound's room tone."""

DESCRIPTION = "Synthetic voice (Kokoro, Apache-2.0). No real person speaks."


@dataclass(frozen=True)
class Recordings:
    """Every line in every language."""

    original: dict[str, Spoken]
    """As on the plates."""
    dubs: dict[str, dict[str, Spoken]]
    """Language -> line -> the dub."""


def record(voices: Voices) -> Recordings:
    """Speak all lines; a dub takes the time its original has in the cut.

    Languages after the first are spoken last: the model's noise goes on from line to line, and a
    language more must leave the others' sound as it is.
    """
    recordings = Recordings({}, {language: {} for language in sp.DUBS})
    for name, line in sp.LINES.items():
        who = sp.CHARACTERS[line.character].voices
        said = voices.say(line.original, sp.ORIGINAL, who[sp.ORIGINAL], sp.SPEED)
        recordings.original[name] = said
        _dub(voices, recordings, name, sp.DUBS[0])
    for language in sp.DUBS[1:]:
        for name in sp.LINES:
            _dub(voices, recordings, name, language)
    return recordings


def _dub(voices: Voices, recordings: Recordings, name: str, language: str) -> None:
    line = sp.LINES[name]
    seconds = recordings.original[name].length / float(sp.slot(name).speed)
    text, voice = dub_text(line, language), sp.CHARACTERS[line.character].voices[language]
    recordings.dubs[language][name] = voices.say_in(text, language, voice, seconds)


def dub_text(line: sp.Line, language: str) -> str:
    """What the line says in a dub."""
    return line.dubs[sp.DUBS.index(language)]


def seconds(frames: float) -> float:
    """Seconds of frames at the reel's rate."""
    return float(frames / sp.RATE)


def add(track: np.ndarray, spoken: Spoken, frame: float) -> None:
    """Mix a line into a track so that its first phone starts at a frame of the track."""
    start = round((seconds(frame) - spoken.first) * RATE)
    skip = max(0, -start)
    piece = spoken.samples[skip : max(skip, len(track) - start)]
    track[start + skip : start + skip + len(piece)] += piece


def room_tone(samples: int, seed: int) -> np.ndarray:
    """Quiet, dull noise: a room is never digitally silent."""
    rng = np.random.default_rng(seed)
    noise = np.convolve(rng.standard_normal(samples + 63), np.hanning(64), "valid")
    return (noise / noise.std() * ROOM_TONE).astype(np.float32)


def production(plate: sp.Plate, recordings: Recordings) -> np.ndarray:
    """Production sound of a plate: its lines over room tone."""
    track = room_tone(round(seconds(plate.frames) * RATE), plate.motion)
    for name, frame in plate.lines.items():
        add(track, recordings.original[name], frame)
    return track


def stretched(samples: np.ndarray, factor: float) -> np.ndarray:
    """Samples made factor times as long at the same pitch (WSOLA, Verhelst and Roelands 1993)."""
    size, hop, reach = 2048, 1024, 400
    window = np.hanning(size + 1)[:-1]
    length = round(len(samples) * factor)
    out, total = np.zeros(length + 2 * size), np.zeros(length + 2 * size)
    padded = np.pad(samples, (reach, 2 * size + reach))
    follow = padded[reach : reach + size]
    for at in range(0, length, hop):
        centre = min(round(at / factor) + reach, len(padded) - size - reach - hop)
        search = padded[centre - reach : centre + reach + size]
        best = centre - reach + int(np.argmax(np.correlate(search, follow, "valid")))
        out[at : at + size] += window * padded[best : best + size]
        total[at : at + size] += window
        follow = padded[best + hop : best + hop + size]
    return (out / np.maximum(total, 0.1))[:length].astype(np.float32)


def original_mix(recordings: Recordings) -> np.ndarray:
    """The original-language dialogue of the whole cut, retimed where the picture is."""
    track = np.zeros(round(seconds(sp.RECORD_FRAMES) * RATE), np.float32)
    for index, event in enumerate(sp.EVENTS):
        sound = production(sp.PLATES[event.reel], recordings)
        used = event.frames * event.speed
        first, last = (round(seconds(f) * RATE) for f in (event.source, event.source + used))
        piece = sound[first:last]
        if event.speed != 1:
            piece = stretched(piece, 1 / float(event.speed))
        start = round(seconds(sp.record_start(index)) * RATE)
        piece = piece[: len(track) - start].copy()
        piece[:480] *= np.linspace(0, 1, 480)
        piece[-480:] *= np.linspace(1, 0, 480)
        track[start : start + len(piece)] += piece
    return track


def stem(character: str, dub: dict[str, Spoken]) -> np.ndarray:
    """A character's dub in one language, as long as the cut and silent where the character is."""
    track = np.zeros(round(seconds(sp.RECORD_FRAMES) * RATE), np.float32)
    for name, spoken in dub.items():
        if sp.LINES[name].character == character:
            add(track, spoken, sp.slot(name).frame)
    return track


def to_16_bit(samples: np.ndarray) -> np.ndarray:
    """Signed 16-bit samples of float ones."""
    return np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2")


def write_bwf(path: Path, samples: np.ndarray, timecode_frame: int) -> None:
    """Write mono 16-bit Broadcast Wave that starts at a frame of timecode since midnight."""
    reference = round(seconds(timecode_frame) * RATE)
    bext = struct.pack(
        "<256s32s32s10s8sQH",
        DESCRIPTION.encode(),
        b"dubsync two_hander",
        path.stem.encode(),
        b"2025-11-14",
        b"12:00:00",
        reference,
        1,
    )
    bext += bytes(602 - len(bext)) + b"A=PCM,F=48000,W=16,M=mono,T=synthetic\r\n"
    data = to_16_bit(samples).tobytes()
    fmt = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    body = b"WAVE"
    for name, chunk in ((b"bext", bext), (b"fmt ", fmt), (b"data", data)):
        body += name + struct.pack("<I", len(chunk)) + chunk + bytes(len(chunk) % 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)


def shifted(phones: list[Phone], start: float, factor: float = 1.0) -> list[Phone]:
    """Phones moved so that the first starts at start seconds, stretched by a factor."""
    first = phones[0][1]
    return [(p, start + (a - first) * factor, start + (b - first) * factor) for p, a, b in phones]


def truth(recordings: Recordings, language: str) -> dict:
    """What is said when, in one language; what tests compare with."""
    original = language == sp.ORIGINAL
    spoken = recordings.original if original else recordings.dubs[language]
    lines = []
    for name, line in sp.LINES.items():
        slot = sp.slot(name)
        factor = 1 / float(slot.speed) if original else 1.0
        phones = shifted(spoken[name].phones, seconds(slot.frame), factor)
        lines.append(
            {
                "line": name,
                "character": line.character,
                "language": language,
                "text": line.original if original else dub_text(line, language),
                "event": slot.event + 1,
                "reel": sp.EVENTS[slot.event].reel,
                "record_start_frame": round(sp.RECORD_START + slot.frame, 3),
                "record_start_timecode": sp.timecode(round(sp.RECORD_START + slot.frame)),
                "seconds": round(phones[-1][2] - phones[0][1], 3),
                "plate_start_frame": sp.PLATES[sp.EVENTS[slot.event].reel].lines[name],
                "phones": [[p, round(a, 3), round(b, 3)] for p, a, b in phones],
            }
        )
    return {
        "synthetic": True,
        "rate": "24000/1001",
        "record_start": sp.timecode(sp.RECORD_START),
        "phones": "IPA symbol (a leading ' is stress, sil is silence), start and end in seconds "
        "from record start, taken from the voice's own durations less 62 ms",
        "lines": lines,
    }


def write_sound(reel: Path, recordings: Recordings) -> None:
    """Write the stems, the original mix and the truth files into the reel's folder."""
    for language, dub in recordings.dubs.items():
        for character in sp.CHARACTERS:
            path = reel / "dub" / f"{character}_{language[:2]}.wav"
            write_bwf(path, stem(character, dub), sp.RECORD_START)
    (reel / "original").mkdir(parents=True, exist_ok=True)
    mix = reel / "original" / "two_hander_en.flac"
    with soundfile.SoundFile(mix, "w", RATE, 1, "PCM_16") as out:
        out.comment = DESCRIPTION
        out.write(to_16_bit(original_mix(recordings)))
    truths = {"original/lines.json": sp.ORIGINAL, "dub/lines.json": sp.DUBS[0]}
    truths |= {f"dub/lines_{language[:2]}.json": language for language in sp.DUBS[1:]}
    for name, language in truths.items():
        text = json.dumps(truth(recordings, language), ensure_ascii=False, indent=1)
        (reel / name).write_text(_rows_on_one_line(text) + "\n", encoding="utf-8")
    for language in sp.DUBS:
        sheet = reel / "dub" / f"script_{language[:2]}.csv"
        sheet.write_text(cue_sheet(truth(recordings, language)["lines"]), encoding="utf-8")


def cue_sheet(lines: list[dict]) -> str:
    """The dub's words as an ADR cue sheet: the script of the project."""
    rows = [("Cue", "Character", "TC In", "TC Out", "Text")]
    for line in lines:
        first = round(line["record_start_frame"])
        stop = first + round(line["seconds"] * 24000 / 1001)
        span = sp.timecode(first), sp.timecode(stop)
        rows.append((line["line"], line["character"], *span, line["text"]))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _rows_on_one_line(text: str) -> str:
    """JSON with each innermost list (a phone) on a line of its own."""
    return re.sub(r"\[\s+(\"[^\"]+\"),\s+([\d.]+),\s+([\d.]+)\s+\]", r"[\1, \2, \3]", text)
