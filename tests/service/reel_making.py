"""A project on disk, made of gray movies and stems of a machine's voice."""

import shutil
import wave
from datetime import timedelta
from pathlib import Path

import numpy as np

from dubsync.service.new_project import Dubs, new_project
from dubsync.service.plugins import allow_engine
from dubsync.service.project import Project
from tests.made_once import made_once
from tests.service.test_bad_input import HEAD, event, movie
from tests.speech.speech_synthesis import talk

#: The engine double, which is not installed as an engine.
ENGINE = "tests.service.drawn_engine:build"


def stem(path, start, stop, *, seconds=5.0, rate=48000):
    """A machine's voice from `start` to `stop` seconds, else silence."""
    at = np.arange(round(seconds * rate)) / rate
    voice = talk(seconds, rate)
    samples = (0.2 * voice * ((at >= start) & (at < stop)) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, rate, len(samples), "NONE", ""))
        out.writeframes(samples.tobytes())


def consent(path, performer, day, languages="fr"):
    """A record that allows everything for a year around `day`; `languages` separated by spaces."""
    tags = ", ".join(f'"{tag}"' for tag in languages.split())
    path.write_text(
        f'[consent]\nid = "{performer}-001"\nperformer = "{performer}"\n'
        'operations = ["lip_reenact", "train_model"]\n'
        f'languages = [{tags}]\nbasis = "consent"\n'
        'statement = "may be dubbed"\nsignatory = "The Performer"\n'
        f"valid_from = {day - timedelta(180)}\nvalid_until = {day + timedelta(180)}\n"
    )
    return path


def heard_once(day) -> Path:
    """The folder of a REEL whose stems were heard, made once a run; nobody must change it."""
    allow_engine(ENGINE)
    return made_once(f"heard_{day}", lambda home: Project.open(fresh_reel(home, day)).turnover())


def synced_once(day, *, apart=False) -> Path:
    """The same with both shots drawn, by nobody with a key.

    `apart`: plate b is four frames off, so that the pictures of the two shots differ.
    """
    allow_engine(ENGINE)

    def make(home):
        reel = make_reel(home, day)
        if apart:
            movie(home / "plates/b.mov", start="01:59:59:20")
        assert {result.status for result in Project.open(reel).sync()} == {"done"}

    return made_once(f"synced_{'apart_' * apart}{day}", make)


def make_reel(folder: Path, day) -> Path:
    """The project's folder, in `folder` beside its plates and stems, which were heard already."""
    shutil.copytree(heard_once(day), folder, dirs_exist_ok=True)
    return folder / "REEL"


def make_synced_reel(folder: Path, day, *, apart=False) -> Path:
    """The same from `synced_once`."""
    shutil.copytree(synced_once(day, apart=apart), folder, dirs_exist_ok=True)
    return folder / "REEL"


def fresh_reel(folder: Path, day) -> Path:
    """The project as `dubsync new` leaves it: nothing was heard."""
    allow_engine(ENGINE)
    (folder / "plates").mkdir()
    for name in ("a", "b"):
        movie(folder / "plates" / f"{name}.mov", start=f"0{'ab'.index(name) + 1}:00:00:00")
    stem(folder / "e.wav", 0.4, 1.2)
    stem(folder / "m.wav", 2.4, 3.2)
    cut = event(1, "a.mov", "01:00:00:10 01:00:02:00", "01:00:00:00 01:00:01:14")
    cut += event(2, "b.mov", "02:00:00:10 02:00:02:00", "01:00:02:00 01:00:03:14")
    (folder / "cut.edl").write_text(HEAD + cut)
    records = [consent(folder / f"{who}.toml", who, day) for who in ("elise-m", "marc-d")]
    new_project(
        folder / "REEL", cut=folder / "cut.edl", media=[folder / "plates"],
        dubs=[Dubs("fr-FR", {"ELISE": folder / "e.wav", "MARC": folder / "m.wav"})],
        performers={"ELISE": "elise-m", "MARC": "marc-d"}, consent=records,
    )  # fmt: skip
    toml = folder / "REEL" / "dubsync.toml"
    mine = f'[engine]\nengine = "{ENGINE}"\n'
    toml.write_text(toml.read_text().replace("[engine]\n", mine))
    return folder / "REEL"


def add_language(reel: Path, tag: str, **stems: tuple[float, float]) -> None:
    """Adds a language to the REEL of `make_reel`: CHARACTER=(start, stop) seconds."""
    lines = [f"\n[languages.{tag}.dub]\n"]
    for who, (start, stop) in stems.items():
        path = reel.parent / f"{who}_{tag}.wav"
        stem(path, start, stop)
        lines.append(f'{who} = "../{path.name}"\n')
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text() + "".join(lines))
