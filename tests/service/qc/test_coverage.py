"""Coverage shows before rendering which mouth shapes the footage lacks."""

import json

import cv2
import numpy as np
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.coverage import Coverage, cells
from dubsync.service.project import Project
from dubsync.service.qc.coverage.drawn_map import coverage_png, coverage_text
from dubsync.service.qc.coverage.of_reel import CharacterCoverage, ShotNeed
from tests.service.test_bad_input import movie


def some(lacking=3):
    wanted, lacks, seen = (np.zeros((5, 9), int) for _ in range(3))
    seen[0, 4] = 7
    wanted[0, 4], wanted[3, 6], lacks[3, 6] = 20, lacking, lacking
    shots = (ShotNeed("SH1", 20 + lacking, lacking, ((100, 102),) if lacking else ()),)
    return CharacterCoverage("ELISE", wanted, lacks, seen, shots, {"B.mov": 4} if lacking else {})


def test_a_frame_lies_in_the_cell_of_its_turn_and_opening():
    counts = cells(np.array([[0, 0.0], [-60, 0.3], [31, 0.1], [30, 0.1]]))
    assert counts.shape == (5, 9)
    assert (counts[0, 4], counts[4, 0], counts[2, 6]) == (1, 1, 2)


def test_a_face_is_lacking_from_the_far_limit_on():
    result = Coverage(np.zeros((1, 2)), np.zeros((3, 2)), np.array([0.1, 0.5, 0.9]), 0.5)
    assert result.lacking.tolist() == [False, True, True]


def test_the_map_in_text_shows_what_lacks_and_where():
    text = coverage_text(some())
    assert "the footage does not cover 3 of them (13 %)" in text
    row = next(line for line in text.splitlines() if line.strip().startswith("0.12"))
    assert row.split()[1:] == [".", ".", ".", ".", ".", ".", "!", ".", "."]
    assert "SH1: 3 of 23 frames missing: 100-102" in text
    assert "plate B.mov has 4 frames with missing mouth shapes" in text
    assert "the footage covers all of them" in coverage_text(some(0))


def test_the_picture_marks_the_lacking_cell():
    def cell(result):
        picture = cv2.imdecode(np.frombuffer(coverage_png(result), np.uint8), cv2.IMREAD_COLOR)
        return picture[:, :, ::-1].reshape(-1, 3)

    amber = lambda pixels: int((np.abs(pixels - [158.0, 108, 32]).max(axis=1) < 2).sum())  # noqa: E731
    assert amber(cell(some())) > amber(cell(some(0))) + 1000
    red = (cell(some()) > [140, -1, -1]) & (cell(some()) < [256, 90, 90])
    assert not red.all(axis=1).any(), "red is for what is past a limit"


def test_a_reels_coverage_names_the_shots_that_lack_before_any_render(reel):
    """The drawn engine's bank shows closed lips, and its dub wants them open throughout."""
    (reel.parent / "plates/c.mov").write_bytes((reel.parent / "plates/a.mov").read_bytes())
    ran = CliRunner().invoke(main, ["coverage", str(reel), "--json"])
    said = json.loads(ran.stdout)
    assert said["schema"] == "dubsync.coverage/1"
    elise = next(row for row in said["characters"] if row["character"] == "ELISE")
    (shot,) = elise["shots"]
    assert (shot["shot"], shot["frames"], shot["lacking"]) == ("a", 54, 54)
    assert shot["runs"] == [[86402, 86455]]
    assert elise["map"]["lacking"][4][4] == 54
    assert elise["picture"].endswith("reports/coverage/v001/ELISE.png")
    assert said["unseen"] == ["c.mov"]
    assert not (reel / "renders").exists()
    assert Project.open(reel).coverage(["b"]).pictures.keys() == {"MARC"}


def test_plates_in_no_shot_are_searched_with_all_plates(reel):
    """In the drawn engine's plates whose name begins with c, mouths are open."""
    movie(reel.parent / "plates/c.mov", frames=61)
    covered = Project.open(reel).coverage(["a"], all_plates=True)
    assert covered.characters[0].fills == {"c.mov": 61}
    assert covered.unseen == ()


def test_a_shot_without_consent_is_left_out_with_the_reason(reel):
    (reel / "consent/elise-m.toml").unlink()
    covered = Project.open(reel).coverage()
    assert [result.character for result in covered.characters] == ["MARC"]
    assert "no consent record" in covered.left_out["a"]
