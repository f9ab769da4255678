"""Lines aligned in a project: new audio beside the stem, and nothing else changed."""

import shutil
import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.errors import MissingMedia, SettingsError
from dubsync.media.sound.stem import probe_sound, read_sound
from dubsync.service.align.align_lines import free_name, lines_to_align
from dubsync.service.align.in_project import align_in_project, to_use
from dubsync.service.align.told import alignment_json
from dubsync.service.project import Project
from dubsync.service.stems.conform_stems import StemConform

SAMPLE = Path(__file__).parents[3] / "sample_projects" / "two_hander"
MADE = ("make", ".dubsync", "renders", "reports", "delivery")
RATE = 48000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the sample project."""
    path = tmp_path_factory.mktemp("aligned") / "two_hander"
    shutil.copytree(SAMPLE, path, ignore=shutil.ignore_patterns(*MADE))
    return path


@pytest.fixture(scope="module")
def project(folder):
    return Project.open(folder)


def aligned(project, names=(), to="original"):
    return align_in_project(project.file, project.intake, project.store, names, to)[0]


@pytest.fixture(scope="module")
def spanish(project):
    """Every line of the Spanish dub, to the original."""
    return aligned(project.into("es-ES"))


def samples(path):
    return np.asarray(read_sound(Path(path), rate=RATE).samples)


def test_the_stem_stays_and_a_new_one_of_the_same_format_and_clock_is_beside_it(spanish):
    assert len(spanish.stems) == 2
    for made in spanish.stems:
        old, new = probe_sound(Path(made.stem)), probe_sound(Path(made.written))
        source = SAMPLE / "dub" / Path(made.stem).name
        assert Path(made.stem).read_bytes() == source.read_bytes()
        assert Path(made.written).parent == Path(made.stem).parent
        assert Path(made.written).stat().st_size == source.stat().st_size
        for fact in ("sample_rate", "channels", "n_samples", "time_reference", "ixml"):
            assert getattr(old, fact) == getattr(new, fact)


def test_the_dub_comes_nearer_to_the_original_and_what_is_left_is_said(spanish):
    before, after = [], []
    for result in spanish.lines:
        assert result.status == "aligned"
        for left, into in ((result.fitted.before, before), (result.fitted.after, after)):
            into += [ms for p in left.phrases for ms in (p.begin_ms, p.end_ms) if ms is not None]
        assert Path(result.chart).is_file()
    assert np.median(np.abs(before)) > 60
    assert np.median(np.abs(after)) <= 30
    assert any(abs(ms) > 60 for ms in after)  # MARC's second line is too long for 12 %


def test_no_tempo_is_beyond_the_limit(spanish):
    for result in spanish.lines:
        assert 0.88 - 1e-9 <= result.fitted.tempo.min() <= result.fitted.tempo.max() <= 1.12 + 1e-9


def test_a_dub_of_another_cut_keeps_its_own_start_in_what_is_written(project):
    shots, intake = project.turnover().shots, project.intake
    moved = StemConform(shots[0].record.rate, {shot.name: Fraction(48) for shot in shots})
    for one in lines_to_align(shots, (), intake.stems, moved):
        assert one.stem == intake.stems[one.line.character]
        assert one.under.start == one.stem.start - 48 / shots[0].record.rate


def test_only_the_line_named_changes(project, folder):
    (made,) = aligned(project, ["ELISE_L003"]).stems
    line = next(
        line for shot in project.turnover().shots for line in shot.lines
        if line.name == "ELISE_L003"
    )  # fmt: skip
    apart = samples(made.stem) != samples(made.written)
    start = project.intake.stems["ELISE"].start
    begin, end = (
        float(Fraction(frame) / line.record.rate - start) * RATE
        for frame in (line.record.start, line.record.stop)
    )
    changed = np.flatnonzero(apart)
    assert len(changed) and begin - 0.7 * RATE < changed[0] and changed[-1] < end + 0.7 * RATE


def test_the_project_uses_the_new_stem_only_when_dubsync_toml_says_so(project, folder):
    (made,) = aligned(project, ["MARC_L002"]).stems
    assert Project.open(folder).file.roles[1].dub == Path(made.stem)
    table = tomllib.loads(made.use)
    said = table["characters"]["MARC"]["dub"]
    toml = folder / "dubsync.toml"
    toml.write_text(toml.read_text().replace("dub/MARC_it.wav", said))
    try:
        assert Project.open(folder).intake.stems["MARC"].path == made.written
    finally:
        shutil.copy(SAMPLE / "dubsync.toml", toml)


def test_in_another_language_the_new_stem_goes_under_that_language(project):
    other = project.into("es-ES")
    stem = other.intake.stems["ELISE"]
    text = to_use(other.file, other.store.layout.first, stem, Path(stem.path).with_name("new.wav"))
    table = tomllib.loads(text)
    assert table == {"languages": {"es-ES": {"dub": {"ELISE": "dub/new.wav"}}}}


def test_nothing_is_ever_written_over(project):
    one = aligned(project, ["MARC_L003"]).stems[0].written
    bytes_before = Path(one).read_bytes()
    other = aligned(project, ["MARC_L003"]).stems[0].written
    assert one != other
    assert Path(one).read_bytes() == bytes_before == Path(other).read_bytes()


def test_a_guide_equal_to_the_dub_leaves_nothing_to_do(project, folder):
    before = sorted((folder / "dub").iterdir())
    made = aligned(project, ["MARC_L001", "MARC_L002"], str(folder / "dub" / "MARC_it.wav"))
    assert [result.status for result in made.lines] == ["unchanged", "unchanged"]
    assert all(result.fitted.same_words for result in made.lines)
    assert not made.stems and sorted((folder / "dub").iterdir()) == before


def test_lines_and_guides_that_are_not_there_are_refused_with_what_is(project, tmp_path):
    with pytest.raises(SettingsError, match="no line X9") as refused:
        aligned(project, ["X9"])
    assert "MARC_L001" in refused.value.hint
    with pytest.raises(MissingMedia, match="not found"):
        aligned(project, ["MARC_L001"], str(tmp_path / "none.wav"))


def test_a_short_guide_without_a_clock_guides_one_line_only(project, tmp_path):
    import wave

    part = samples(project.intake.stems["MARC"].path)[4 * RATE : 8 * RATE]
    guide = tmp_path / "guide.wav"
    with wave.open(str(guide), "wb") as out:
        out.setparams((1, 2, RATE, len(part), "NONE", ""))
        out.writeframes((part * 32767).astype("<i2").tobytes())
    made = aligned(project, ["MARC_L001"], str(guide))
    assert "no timecode" in made.notes[0]
    assert made.lines[0].fitted.same_words
    with pytest.raises(SettingsError, match="can guide one line"):
        aligned(project, (), str(guide))


def test_a_plate_without_sound_fails_its_line_and_says_what_to_give(reel):
    silent = Project.open(reel)
    made = aligned(silent)
    assert {result.status for result in made.lines} == {"failed"}
    assert all("--to FILE" in result.hint for result in made.lines)
    assert not made.stems


def test_the_json_has_every_line_and_phrase(project, spanish):
    from dubsync.core.timeline.timecode import Clock

    body = alignment_json(spanish, Clock(Fraction(24000, 1001)))
    assert [line["status"] for line in body["lines"]] == ["aligned"] * 8
    assert body["lines"][0]["after"]["phrases"][0]["in_sync"] in (True, False)
    assert body["in_sync_ms"] == [-40.0, 60.0]
    assert len(body["stems"]) == 2


def test_a_free_name_counts_on(tmp_path):
    stem = tmp_path / "M[1].wav"
    assert free_name(stem).name == "M[1]_aligned_v001.wav"
    (tmp_path / "M[1]_aligned_v001_charts").mkdir()
    assert free_name(stem).name == "M[1]_aligned_v002.wav"
