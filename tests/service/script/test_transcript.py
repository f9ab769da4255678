"""A machine-made script: characters and times from the stems, words from the model, all marked."""

import datetime
from dataclasses import replace
from fractions import Fraction

import pytest

from dubsync.core.errors import Cancelled, DeliveryError, MissingMedia, SettingsError
from dubsync.core.progress import silent
from dubsync.service.project import Project
from dubsync.service.script.convert import read_script
from dubsync.service.script.transcript import _Heard, _lines
from dubsync.service.transcribe import transcribe
from dubsync.speech.transcription import HeardWord
from tests.service.reel_making import make_reel, stem

RATE = Fraction(24)


@pytest.fixture
def folder(tmp_path):
    return make_reel(tmp_path, datetime.date.today())


def bonjour(samples):
    """ELISE's and MARC's stems have one utterance of 0.8 s each."""
    return [(" Bon", 0.2, 0.5, 0.9), ("jour,", 0.5, 0.7, 0.8), (" Marc.", 0.7, 1.0, 0.4)]


def sheet(folder, name="words.csv"):
    return read_script(folder / name, RATE)


def test_every_line_has_its_character_time_words_and_mark(folder, whisper, whisper_folder):
    whisper.says = bonjour

    made = transcribe(Project.open(folder), whisper_folder, folder / "words.csv")

    elise, marc = sheet(folder).lines
    assert (elise.character, marc.character) == ("ELISE", "MARC")
    assert elise.text == "Bonjour, Marc. (?)" and elise.words == "Bonjour, Marc."
    assert abs(float(elise.start - 3600) - 0.4) < 0.15 and abs(float(elise.stop - 3600) - 1.2) < 0.2
    assert abs(float(marc.start - 3600) - 2.4) < 0.15
    assert elise.unchecked and made.model[:12] in elise.notes and "Marc 0.40" in elise.notes
    assert made.unsure == 2 and sheet(folder).language == "fr-FR"


def test_the_model_hears_only_what_our_detector_calls_speech(folder, whisper, whisper_folder):
    whisper.says = bonjour

    transcribe(Project.open(folder), whisper_folder, folder / "words.csv")

    # Five seconds of stem, 0.8 s of speech: with 0.2 s before and after.
    assert all(seconds < 1.6 for seconds, _, _ in whisper.asked)


def test_words_come_into_the_project_marked_and_do_not_move_the_lips(
    folder, whisper, whisper_folder
):
    whisper.says = bonjour
    transcribe(Project.open(folder), whisper_folder, folder / "words.csv")
    toml = folder / "dubsync.toml"
    toml.write_text(toml.read_text().replace("[project]\n", '[project]\nscript = "words.csv"\n'))

    before = Project.open(folder).turnover()
    text = (folder / "words.csv").read_text()
    (folder / "words.csv").write_text(text.replace("Bonjour, Marc. (?)", "Bonsoir, Max.", 1))
    after = Project.open(folder).turnover()

    lines = [shot.lines[0] for shot in before.shots]
    assert [line.text for line in lines] == ["Bonjour, Marc."] * 2
    assert all(line.unchecked for line in lines)
    assert any("2 of 2 lines are machine-made" in w.message for w in before.warnings)
    assert any("1 of 2 lines are machine-made" in w.message for w in after.warnings)
    assert [shot.lines[0].unchecked for shot in after.shots] == [False, True]


def test_an_existing_file_is_never_written_over_and_nothing_is_heard(
    folder, whisper, whisper_folder
):
    (folder / "words.csv").write_text("mine")

    with pytest.raises(DeliveryError, match="exists already"):
        transcribe(Project.open(folder), whisper_folder, folder / "words.csv")

    assert (folder / "words.csv").read_text() == "mine" and not whisper.made


def test_work_that_was_stopped_goes_on_from_there(folder, whisper, whisper_folder):
    whisper.says = bonjour

    def stop(step):
        if step.shot == "MARC" and step.name == "transcribe":
            raise Cancelled

    with pytest.raises(Cancelled):
        transcribe(Project.open(folder), whisper_folder, folder / "words.csv", progress=stop)
    assert not (folder / "words.csv").exists() and len(whisper.asked) == 1
    transcribe(Project.open(folder), whisper_folder, folder / "words.csv", progress=silent)

    assert len(whisper.asked) == 2  # ELISE's words were kept


def test_another_model_hears_again(folder, whisper, whisper_folder):
    whisper.says = bonjour
    transcribe(Project.open(folder), whisper_folder, folder / "one.csv")
    (whisper_folder / "model.bin").write_text("another")
    transcribe(Project.open(folder), whisper_folder, folder / "two.csv")

    assert len(whisper.asked) == 4
    assert sheet(folder, "one.csv").lines[0].notes != sheet(folder, "two.csv").lines[0].notes


def test_another_language_than_the_projects_is_a_warning(folder, whisper, whisper_folder):
    whisper.says, whisper.spoken = bonjour, ("de", 0.97)

    made = transcribe(Project.open(folder), whisper_folder, folder / "words.csv")

    assert all("hears the language de (97%)" in w.message for w in made.warnings)
    assert len(made.warnings) == 2


def test_a_model_that_lacks_the_language_is_refused_before_it_listens(
    folder, whisper, whisper_folder
):
    whisper.languages = ("en",)

    with pytest.raises(SettingsError, match="English only"):
        transcribe(Project.open(folder), whisper_folder, folder / "words.csv")

    assert not whisper.asked


def test_more_words_than_anybody_can_say_in_that_time_are_not_believed(
    folder, whisper, whisper_folder
):
    whisper.says = lambda samples: [(" Sous-titrage " + "Amara " * 12, 0.2, 0.9, 0.99)]

    made = transcribe(Project.open(folder), whisper_folder, folder / "words.csv")

    assert [line.text for line in sheet(folder).lines] == ["", ""] and made.unheard == 2
    assert all("write the words" in line.notes for line in sheet(folder).lines)


def test_a_dub_without_speech_is_an_error_and_no_file(folder, whisper, whisper_folder):
    for name in ("e.wav", "m.wav"):
        stem(folder.parent / name, 0, 0)

    with pytest.raises(MissingMedia, match="no speech"):
        transcribe(Project.open(folder), whisper_folder, folder / "words.csv")

    assert not (folder / "words.csv").exists()


@pytest.mark.parametrize("name", ["words.srt", "words", "words.ttml"])
def test_only_sheets_are_written_since_they_have_notes(folder, whisper, whisper_folder, name):
    with pytest.raises(SettingsError, match="no cue sheet") as error:
        transcribe(Project.open(folder), whisper_folder, folder / name)

    assert "dubsync script" in error.value.hint


def heard(start, stop, text):
    words = text.split(" ") if text else []
    each = (stop - start) / max(len(words), 1)
    return _Heard(
        start,
        stop,
        tuple(
            HeardWord(f" {w}", start + n * each, start + (n + 1) * each, 0.9)
            for n, w in enumerate(words)
        ),
    )


def joined(*utterances):
    return [(line.start, line.stop, line.text) for line in _lines(utterances)]


def test_a_short_pause_does_not_end_a_line_and_a_sentence_may_have_a_longer_one():
    one, two = heard(0, 1, "Ich weiß"), heard(2, 3, "es nicht.")

    assert joined(one, two) == [(0, 3, "Ich weiß es nicht.")]
    assert len(joined(replace(one, words=heard(0, 1, "Nein.").words), two)) == 2
    assert len(joined(one, heard(3, 4, "es nicht."))) == 2


def test_a_long_line_ends_with_a_sentence():
    ((a, b, first), (c, d, second)) = joined(heard(0, 14, "eins zwei drei vier. fünf sechs sieben"))

    assert (first, second) == ("eins zwei drei vier.", "fünf sechs sieben")
    assert (a, b, c, d) == (0, 8, 8, 14)


def test_an_utterance_without_words_is_a_line_of_its_own():
    assert [text for *_, text in joined(heard(0, 1, "Ja"), heard(1.2, 2, ""))] == ["Ja", ""]
