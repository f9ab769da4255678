"""A stem with several characters is split into a stem and lines for each of them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.errors import SettingsError
from dubsync.core.sound.voices import Turn
from dubsync.service.project import Project
from dubsync.service.settings.project_file import read_project_file
from dubsync.service.settings.project_text import project_text
from dubsync.service.stems import audio_analysis
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Store
from dubsync.service.turnover.open_turnover import open_turnover
from dubsync.service.voices.voice_face_match import SeenFace
from dubsync.service.voices.voice_memory import forget, recall, remember
from tests.service.reel_making import stem
from tests.service.test_bad_input import HEAD, event, movie

SAMPLE = Path(__file__).parents[3] / "sample_projects" / "two_hander"
TURNS = (Turn("Speaker 1", 0.4, 1.2), Turn("Speaker 2", 2.4, 3.2))
ANSWERS = '[voices]\n"Speaker 1" = "ELISE"\n"Speaker 2" = "MARC"\n'


def direction(n):
    result = np.zeros(192, np.float32)
    result[n] = 1
    return result


def diarized(patch, turns=TURNS):
    """The stem's voices are as `turns` says, and each has a direction of its own."""
    patch.setattr(audio_analysis, "who_speaks", lambda sound, **_: turns)
    patch.setattr(
        audio_analysis, "voiceprint", lambda sound, spans: direction(int(spans[0][0] > 2))
    )


def mixed_reel(tmp_path):
    """Two shots under one mixed stem of machines' voices."""
    (tmp_path / "plates").mkdir()
    for name in ("a", "b"):
        movie(tmp_path / "plates" / f"{name}.mov", start=f"0{'ab'.index(name) + 1}:00:00:00")
    cut = event(1, "a.mov", "01:00:00:10 01:00:02:00", "01:00:00:00 01:00:01:14")
    cut += event(2, "b.mov", "02:00:00:10 02:00:02:00", "01:00:02:00 01:00:03:14")
    (tmp_path / "cut.edl").write_text(HEAD + cut)
    first, second = tmp_path / "1.wav", tmp_path / "2.wav"
    stem(first, 0.4, 1.2)
    stem(second, 2.4, 3.2)
    both = [np.frombuffer(p.read_bytes()[44:], "<i2") for p in (first, second)]
    mixed = tmp_path / "mix.wav"
    mixed.write_bytes(first.read_bytes()[:44] + (both[0] + both[1]).astype("<i2").tobytes())
    (tmp_path / "dubsync.toml").write_text(
        '[project]\nname = "R"\nlanguage = "fr-FR"\ncut = "cut.edl"\nmedia = ["plates"]\n'
        '[characters.ELISE]\nperformer = "e"\ndub = "mix.wav"\n'
        '[characters.MARC]\nperformer = "m"\ndub = "mix.wav"\n'
    )
    return tmp_path


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """The mixed reel, whose stem was heard and diarized; no voice was answered."""
    made = mixed_reel(tmp_path_factory.mktemp("heard"))
    with pytest.MonkeyPatch.context() as patch:
        diarized(patch)
        turnover(made)
    return made


@pytest.fixture
def reel(heard, tmp_path, monkeypatch):
    """A copy of it."""
    diarized(monkeypatch)
    return shutil.copytree(heard, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def unheard(tmp_path, monkeypatch):
    """The mixed reel, not heard yet: for other turns."""
    diarized(monkeypatch)
    return mixed_reel(tmp_path)


def say(reel, text):
    with (reel / "dubsync.toml").open("a") as file:
        file.write(text)


def turnover(reel, **more):
    store = Store(reel)
    return open_turnover(read_project_file(reel), AudioAnalysisCache(store), store, **more)


def test_answered_voices_become_lines_of_their_characters(reel):
    say(reel, ANSWERS)
    result = turnover(reel)
    assert [shot.characters for shot in result.turnover.shots] == [("ELISE",), ("MARC",)]
    assert not any(warning.blocking for warning in result.turnover.warnings)
    assert result.stems["ELISE"].turns == ((0.4, 1.2),)


def test_each_character_hears_only_their_own_turns(reel):
    say(reel, ANSWERS)
    result = turnover(reel)
    heard = AudioAnalysisCache(Store(reel)).stem_features(result.stems["MARC"])
    speech = np.asarray(heard.speech)
    assert speech[250:310].max() > 0.5
    assert speech[:200].max() < 0.1


def test_an_unanswered_voice_blocks_what_it_speaks_in(reel):
    result = turnover(reel).turnover
    assert not result.shots
    assert {reason.split(": ")[-1] for _, reason in result.skipped} == {"Speaker 1", "Speaker 2"}
    asked = [d for d in result.warnings if "whose voice is Speaker" in d.message]
    assert [d.blocking for d in asked] == [True, True]
    assert "01:00:00:09" in asked[0].message
    assert '[voices] "Speaker 1" = ' in asked[0].hint


def test_a_voice_of_no_character_is_skipped(reel):
    say(reel, '[voices]\n"Speaker 1" = ""\n"Speaker 2" = "MARC"\n')
    result = turnover(reel).turnover
    assert [shot.characters for shot in result.shots] == [("MARC",)]
    assert not any(d.blocking for d in result.warnings)
    assert any("no voice in it was assigned to ELISE" in d.message for d in result.warnings)


def seen_in(shots, **whose):
    """Faces that speak throughout shots: shot name = character."""
    return [
        SeenFace(shot.name, whose[shot.name], "the test", (9.0, 9.0),
                 float(shot.record.start / shot.record.rate), shot.record.rate,
                 np.full(len(shot.record), 0.95), True)
        for shot in shots
    ]  # fmt: skip


def test_faces_in_the_shots_of_a_voice_give_its_character(reel):
    asked = []

    def looked(shots):
        asked.extend((shot.name, shot.characters) for shot in shots)
        faces = seen_in(shots, a="ELISE", b="MARC")
        again = (replace(f, shot=f"{f.shot}2") for f in faces)  # two shots of each are enough
        return [*faces, *again]

    result = turnover(reel, faces=looked)
    assert asked == [("a", ("Speaker 1",)), ("b", ("Speaker 2",))]
    assert [shot.characters for shot in result.turnover.shots] == [("ELISE",), ("MARC",)]
    assert [(v.character, v.by) for v in result.voices] == [("ELISE", "faces"), ("MARC", "faces")]
    assert not result.waiting


def test_a_stem_is_diarized_again_when_one_voice_has_two_faces(unheard, monkeypatch):
    alike = tuple(replace(turn, speaker="Speaker 1", stop=turn.stop + 0.9) for turn in TURNS)
    listed = []

    def who_speaks(sound, *, speakers=None, **_):
        listed.append(speakers)
        return TURNS if speakers == 2 else alike

    monkeypatch.setattr(audio_analysis, "who_speaks", who_speaks)

    def looked(shots):
        return seen_in(shots, a="ELISE", b="MARC")

    say(unheard, '[voices]\n"01:00:02:12" = "ELISE"\n')
    result = turnover(unheard, faces=looked)
    assert listed == [None, 2]
    assert [voice.name for voice in result.voices] == ["Speaker 1", "Speaker 2"]
    (warning,) = (d for d in result.turnover.warnings if "separated again into 2" in d.message)
    assert "lines over another character's face: " in warning.message
    assert "ELISE at 01:00:02:" in warning.message


def test_an_unnamed_face_heard_with_an_undecided_voice_is_a_warning(reel):
    result = turnover(reel, faces=lambda shots: seen_in(shots, a="", b="MARC"))
    (warning,) = (w for w in result.turnover.warnings if "has no name yet" in w.message)
    assert warning.message.startswith("Speaker 1 is heard with the face at 9,9 in a (0.8 s)")
    assert warning.hint.endswith("a --face CHARACTER=9,9")


def test_one_shot_is_not_enough_evidence_and_is_named_in_the_question(reel):
    result = turnover(reel, faces=lambda shots: seen_in(shots, a="ELISE", b="MARC"))
    assert result.waiting and not result.turnover.shots
    asked = [d.message for d in result.turnover.warnings if "whose voice" in d.message]
    assert "is heard with the face of ELISE (0.8 s)" in asked[0]


def test_a_recording_of_the_voice_settles_it(reel, monkeypatch):
    toml = (reel / "dubsync.toml").read_text()
    (reel / "dubsync.toml").write_text(
        toml.replace('performer = "m"', 'performer = "m"\nvoice = "2.wav"')
    )
    monkeypatch.setattr(AudioAnalysisCache, "voiceprint", lambda self, path: direction(1))
    assert [shot.characters for shot in turnover(reel).turnover.shots] == [("ELISE",), ("MARC",)]


def test_an_answer_is_stored_for_the_next_mix(reel):
    say(reel, ANSWERS)
    turnover(reel)
    assert set(recall(Store(reel))) == {"ELISE", "MARC"}
    toml = (reel / "dubsync.toml").read_text().replace(ANSWERS, "")
    (reel / "dubsync.toml").write_text(toml)
    assert [shot.characters for shot in turnover(reel).turnover.shots] == [("ELISE",), ("MARC",)]


def test_an_answer_that_a_new_mix_made_wrong_is_asked_again(reel):
    say(reel, ANSWERS)
    remember(Store(reel), {"ELISE": direction(1), "MARC": direction(0)})
    warnings = turnover(reel).turnover.warnings
    asked = [d for d in warnings if "is another voice now" in d.message]
    assert len(asked) == 2 and all(d.blocking for d in asked)


def test_only_the_voice_that_was_named_is_stored(unheard, monkeypatch):
    """Another voice that was assigned to the same character by likeness is not."""
    turns = (*TURNS, Turn("Speaker 3", 3.4, 3.9))
    monkeypatch.setattr(audio_analysis, "who_speaks", lambda sound, **_: turns)
    prints = {0.4: direction(0), 2.4: direction(1), 3.4: direction(0) * 0.8 + direction(2) * 0.6}
    monkeypatch.setattr(audio_analysis, "voiceprint", lambda sound, spans: prints[spans[0][0]])
    remember(Store(unheard), {"ELISE": direction(0)})
    say(unheard, ANSWERS)
    assert [v.by for v in turnover(unheard).voices] == ["answer", "answer", "likeness"]
    assert (recall(Store(unheard))["ELISE"] == direction(0)).all()


def test_withdrawn_consent_deletes_the_voiceprints(tmp_path):
    store = Store(tmp_path)
    remember(store, {"ELISE": direction(0), "MARC": direction(1)})
    forget(store, ["ELISE"])
    assert set(recall(store)) == {"MARC"}
    forget(store, ["MARC"])
    assert not list(tmp_path.rglob("*.safetensors"))


def test_voices_at_once_are_a_warning(unheard, monkeypatch):
    at_once = (Turn("Speaker 1", 0.4, 3.0), Turn("Speaker 2", 2.4, 3.2))
    monkeypatch.setattr(audio_analysis, "who_speaks", lambda sound, **_: at_once)
    say(unheard, ANSWERS)
    messages = [d.message for d in turnover(unheard).turnover.warnings]
    assert any("others speak during 75% of MARC's words" in m for m in messages)


def test_an_answer_with_an_unknown_character_is_refused(reel):
    say(reel, '[voices]\n"Speaker 1" = "ELSIE"\n')
    with pytest.raises(SettingsError, match="unknown character") as refused:
        read_project_file(reel)
    assert "ELISE" in refused.value.hint


def test_voices_in_dubsync_toml_survive_writing(reel):
    say(reel, ANSWERS + '[speech]\ndiarization = "pyannote/speaker-diarization-community-1"\n')
    file = read_project_file(reel)
    (reel / "dubsync.toml").write_text(project_text(file))
    again = read_project_file(reel)
    assert again.voices == file.voices
    assert again.settings.speech == file.settings.speech


def sample_reel(folder, *stems):
    """The sample project with `stems` (of ELISE, of MARC) as its dub, in a folder of its own."""
    folder.mkdir()
    lines = (SAMPLE / "dubsync.toml").read_text().splitlines(keepends=True)
    toml = "".join(line for line in lines if not line.startswith("script"))  # voices, not words
    for name in ("two_hander.otio", "plates", "takes"):
        toml = toml.replace(f'"{name}"', f'"{SAMPLE / name}"')
    for who, path in zip(("ELISE", "MARC"), stems, strict=True):
        toml = toml.replace(f"dub/{who}_it.wav", str(path))
    (folder / "dubsync.toml").write_text(toml)
    return Project.open(folder).turnover()


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The sample project's folder with both stems added up, and its turnover."""
    folder = tmp_path_factory.mktemp("sample")
    parts = [SAMPLE / "dub" / f"{who}_it.wav" for who in ("ELISE", "MARC")]
    whole = parts[0].read_bytes()
    head = whole.index(b"data") + 8  # with the clock that its bext chunk keeps
    summed = sum(np.frombuffer(path.read_bytes()[head:], "<i2").astype(int) for path in parts)
    mix = folder / "mix.wav"
    mix.write_bytes(whole[:head] + np.clip(summed, -32768, 32767).astype("<i2").tobytes())
    return folder / "MIXED", sample_reel(folder / "MIXED", mix, mix)


def test_the_sample_reel_mixed_gives_the_lines_of_its_stems(sample, tmp_path):
    """Real diarization: both stems added up, and MARC recognised by his take."""
    _, mixed = sample
    apart = sample_reel(
        tmp_path / "APART", *(SAMPLE / "dub" / f"{who}_it.wav" for who in ("ELISE", "MARC"))
    )
    assert [(s.name, s.characters) for s in mixed.shots] == [
        (s.name, s.characters) for s in apart.shots
    ]
    for one, other in zip(mixed.shots, apart.shots, strict=True):
        for a, b in zip(one.lines, other.lines, strict=True):
            assert abs(a.record.start - b.record.start) <= 3
            assert abs(a.record.stop - b.record.stop) <= 3
    assert not any(warning.blocking for warning in mixed.warnings)
    assert not any("music" in warning.message for warning in mixed.warnings)


def test_the_sample_reel_without_takes_is_assigned_by_the_speaking_faces(sample):
    """Faces by the original's list of lines, in the plates named after the characters."""
    folder, mixed = sample
    toml = folder / "dubsync.toml"
    kept = [line for line in toml.read_text().splitlines() if not line.startswith("takes")]
    toml.write_text("\n".join(kept))
    said = json.loads((SAMPLE / "original" / "lines.json").read_text())["lines"]

    def looked(shots):
        return [face for shot in shots for face in original_faces(shot, said)]

    result = turnover(folder, faces=looked)
    assert {voice.by for voice in result.voices} == {"faces"}
    assert [(s.name, s.characters) for s in result.turnover.shots] == [
        (s.name, s.characters) for s in mixed.shots
    ]


def original_faces(shot, said):
    """The characters in the plate's name (TWO: both), and when they speak the original."""
    inside = [who for who in ("ELISE", "MARC") if who in shot.name or "TWO" in shot.name]
    rate, numbers = shot.record.rate, np.arange(shot.record.start, shot.record.stop)
    for who in inside:
        theirs = [
            (line["record_start_frame"], line["record_start_frame"] + line["seconds"] * rate)
            for line in said if line["character"] == who
        ]  # fmt: skip
        speaks = np.any([(numbers >= a) & (numbers < float(b)) for a, b in theirs], axis=0)
        start = float(shot.record.start / rate)
        chance = np.where(speaks, 0.9, 0.05)
        yield SeenFace(shot.name, who, "the test", (9.0, 9.0), start, rate, chance, True)
