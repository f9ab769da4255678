"""A finding as text says what is wrong, by how much, in which frames, and what to do."""

from fractions import Fraction

from dubsync.cli.tables import report_json, report_text
from dubsync.core.contact import Contact
from dubsync.core.result import Finding, QCReport
from dubsync.core.timeline.timecode import FrameRange

PLATES = {"SC01": (FrameRange(86400, 86500, Fraction(24)), False)}
STRAY = Finding(
    "SC01", "", "pixels changed outside the matte", 21800.0, "pixels", "0", "fail", "",
    (86410, 86412), "21,800 pixels outside the matte differ from the plate", "Do not deliver.",
)  # fmt: skip
PASSES = Finding("SC01", "ELISE", "seam", 0.3, "%", "at most 1.2 %", "pass")


def test_a_failure_carries_its_number_in_words_its_frames_and_its_remedy():
    text = report_text(QCReport((STRAY, PASSES), "r.html"), PLATES)

    assert text.splitlines()[1:] == [
        "SC01: fail: pixels changed outside the matte",
        "  21,800 pixels outside the matte differ from the plate; limit: 0",
        "  worst plate frames: 86410..86412 (01:00:00:10)",
        "  Do not deliver.",
        "Report: r.html",
    ]


def test_a_missed_contact_is_said_once_by_its_finding_or_by_itself():
    missed = Contact("closed lips", "ELISE", "L1", 86420, False)
    rounded = Contact("rounded lips", "ELISE", "L1", 86430, False)
    alone = QCReport((PASSES,), "r.html", contacts={"SC01": (missed, rounded)})
    assert report_text(alone, PLATES).splitlines()[1:-1] == [
        "SC01: 1 of 1 closures of L1 stay open: frames 86420"
    ]
    note = "1 of 1 closures of L1 stay open: frames 86420"
    review = Finding("SC01", "ELISE", "closures", 0.0, "%", "at least 70%", "review", note)
    both = QCReport((review,), "r.html", contacts={"SC01": (missed,)})
    assert report_text(both, PLATES).count("stay open") == 1


def test_the_json_keeps_the_number_and_its_unit():
    (found, _) = report_json(QCReport((STRAY, PASSES)))["findings"]

    assert (found["value"], found["unit"], found["frames"]) == (21800.0, "pixels", (86410, 86412))
    assert found["message"] and found["remedy"]
