"""Links events to plates by path, name, reel and timecode, or warns why not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from dubsync.core.shot import Event, Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.timeline.media_paths import base_name, inside, local_path
from dubsync.editorial.turnover.media_linker import Link, Linker, plain_name
from tests.editorial.editorial_making import FILM, FILM_NTSC, FORMAT, ROOT, plate

CUT_FOLDER = Path("/show/cuts")


def event(
    start: int = 1000,
    stop: int = 1024,
    *,
    clip: str = "",
    reel: str = "",
    media: str = "",
    rate: Fraction = FILM,
    available: FrameRange | None = None,
) -> Event:
    record = FrameRange(86400, 86400 + stop - start, FILM)
    return Event(
        "001", "sh", clip, reel, media, record, FrameRange(start, stop, rate), where="line 3",
        available=available,
    )  # fmt: skip


def link(wanted: Event, *plates: Plate) -> Link:
    return Linker(plates, CUT_FOLDER, [ROOT]).link(wanted)


def refusal(wanted: Event, *plates: Plate) -> str:
    result = link(wanted, *plates)
    assert result.plate is None
    (warning,) = result.warnings
    assert warning.blocking and warning.hint and warning.about == "sh"
    return warning.message


A = plate("A001C003.mov", 900, 1200, reel="A001C003_0412")
B = plate("B007C001.mov", 900, 1200, reel="B007C001_0412")


@pytest.mark.parametrize(
    "wanted",
    [
        event(clip="A001C003.mov"),
        event(clip="a001c003"),
        event(media="/Volumes/RAID/plates/A001C003.MXF"),
        event(media="C:\\plates\\A001C003.mov"),
        event(media="file:///plates/A001C003.mov"),
        event(reel="A001C003_0412"),
        event(reel="A001C003"),
        event(reel="A001C003", clip="92-2A*"),
    ],
    ids=["name", "no suffix", "other disk", "windows", "url", "reel", "short reel", "slate"],
)
def test_a_plate_is_found_by_any_one_clue(wanted: Event) -> None:
    result = link(wanted, A, B)
    assert (result.plate, result.source) == (A, wanted.source)
    assert not result.warnings


def test_of_two_plates_of_one_name_the_reel_and_the_timecode_decide() -> None:
    other_day = plate("A001C003.mov", 900, 1200, reel="A001C003_0413", folder=ROOT / "day2")
    later = plate("A001C003.mov", 5000, 6000, folder=ROOT / "day3")
    result = link(event(clip="A001C003.mov", reel="A001C003_0413"), A, other_day, later)
    assert result.plate is other_day
    assert link(event(5000, 5100, clip="A001C003.mov"), A, other_day, later).plate is later


def test_plates_that_fit_equally_well_are_named_and_none_is_linked() -> None:
    twin = replace(A, path=str(ROOT / "copy" / A.name))
    message = refusal(event(clip="A001C003.mov"), A, twin)
    assert "2 plates fit equally well" in message and A.path in message and twin.path in message


def test_an_exact_path_decides_between_plates_of_one_name() -> None:
    twin = replace(A, path=str(ROOT / "copy" / A.name))
    assert link(event(media="file:///plates/copy/A001C003.mov"), A, twin).plate is twin
    relative = event(media="../../plates/copy/A001C003.mov")
    assert link(relative, A, twin).plate is twin


def test_the_file_s_suffix_decides_between_plate_and_proxy() -> None:
    proxy = replace(A, name="A001C003.mp4", path=str(ROOT / "A001C003.mp4"))
    assert link(event(media="x/A001C003.mp4"), A, proxy).plate is proxy


def test_a_name_and_a_reel_that_match_different_plates_link_neither() -> None:
    assert "fit equally well" in refusal(event(clip="A001C003", reel="B007C001_0412"), A, B)


def test_a_reel_without_a_plate_is_a_warning_if_the_name_matches() -> None:
    result = link(event(clip="A001C003.mov", reel="Z999"), A, B)
    assert result.plate is A and [d.blocking for d in result.warnings] == [False]
    assert "Z999" in result.warnings[0].message


def test_a_missing_plate_lists_the_searched_names() -> None:
    message = refusal(event(clip="C9", media="/x/C9.mov", reel="C009"), A)
    assert "missing plate" in message
    assert all(text in message for text in ("C9.mov", "C009", "00:00:41:16"))


def test_a_plate_that_matches_by_timecode_only_is_named_but_not_linked() -> None:
    result = link(event(clip="renamed"), A)
    assert result.plate is None and "A001C003.mov has that timecode" in result.warnings[0].hint


@pytest.mark.parametrize(
    ("start", "stop", "short"),
    [(890, 920, 10), (1190, 1201, 1), (2000, 2024, 24), (800, 1300, 200)],
)
def test_a_plate_too_short_says_by_how_much_and_what_it_has(
    start: int, stop: int, short: int
) -> None:
    message = refusal(event(start, stop, clip="A001C003.mov"), A)
    assert f"A001C003.mov is {short} frame" in message and "(frames 900..1200)" in message


def test_another_rate_without_the_frames_names_both() -> None:
    other = replace(A, frames=FrameRange(900, 1200, FILM_NTSC))
    message = refusal(event(5000, 5024, clip="A001C003", rate=Fraction(25)), other)
    assert "25 fps" in message and "24000/1001 fps" in message


def test_a_plate_without_timecode_is_numbered_from_the_cut_s_first_frame() -> None:
    bare = plate("phone.mov", 0, 300, has_timecode=False)
    assert link(event(20, 44, clip="phone.mov"), bare).source == FrameRange(20, 44, FILM)
    listed = event(86420, 86444, clip="phone.mov", available=FrameRange(86400, 86700, FILM))
    assert link(listed, bare).source == FrameRange(20, 44, FILM)
    assert "short" in refusal(event(86420, 86444, clip="phone.mov"), bare)


def test_a_cut_that_numbers_its_media_from_0_is_matched_by_length_with_a_warning() -> None:
    zero = event(20, 44, clip="A001C003", available=FrameRange(0, 300, FILM))
    result = link(zero, A)
    assert result.source == FrameRange(920, 944, FILM)
    assert [d.blocking for d in result.warnings] == [False]
    assert "short" in refusal(replace(zero, available=FrameRange(0, 299, FILM)), A)


def test_an_image_sequence_is_found_by_any_spelling() -> None:
    frames = plate("A001.%04d.exr", 1001, 1100, first_number=1001)
    for name in ("A001.%04d.exr", "A001.####.exr", "A001.1001.exr", "A001.[1001-1099].exr", "A001"):
        assert link(event(1010, 1020, media=f"seq/{name}"), frames).plate is frames


def test_plain_names_keep_the_take_and_drop_the_frame() -> None:
    assert plain_name("sh010_v002.mov") == "sh010_v002"
    assert plain_name("sh010_v002.1001.exr") == "sh010_v002"
    assert plain_name("A002C001_251114") == "a002c001_251114"


OUTSIDE = [
    "file:///etc/passwd", "/etc/A001C003.mov", "file:///plates/%2e%2e/etc/A001C003.mov",
    "../../plates/../etc/A001C003.mov", "http://host/A001C003.mov", "file://host/x/A001C003.mov",
    "\\\\server\\share\\A001C003.mov", "file:///plates/A\0.mov",
]  # fmt: skip


@pytest.mark.parametrize("media", OUTSIDE)
def test_media_outside_the_roots_is_never_linked_by_path(media: str) -> None:
    wanted = event(media=media)
    outside = replace(A, name="passwd", path="/etc/passwd")
    linker = Linker([A, outside], CUT_FOLDER, [ROOT])
    assert linker.outside([wanted]) == (wanted,)
    assert linker.link(wanted).plate in (A, None)


def test_a_plate_behind_a_link_out_of_the_roots_is_refused(tmp_path: Path) -> None:
    root, secret = tmp_path / "plates", tmp_path / "secret"
    root.mkdir()
    secret.mkdir()
    (secret / "A.mov").touch()
    (root / "A.mov").symlink_to(secret / "A.mov")
    (root / "day").symlink_to(secret)
    for path in (root / "A.mov", root / "day" / "A.mov"):
        linked = Plate("A.mov", str(path), "", FrameRange(0, 100, FILM), FORMAT)
        result = Linker([linked], tmp_path, [root]).link(event(10, 20, media=str(path)))
        assert result.plate is None and "is outside the media folders" in result.warnings[0].message


def test_a_loop_of_links_is_outside(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert inside(tmp_path / "a" / "x.mov", [tmp_path / "elsewhere"]) is False


def test_urls_are_percent_decoded_once() -> None:
    assert base_name("file:///x/A%20B%2520.mov") == "A B%20.mov"
    assert local_path("file:///x/A%20B.mov", CUT_FOLDER) == Path("/x/A B.mov")
    assert local_path("plates/A.mov", CUT_FOLDER) == CUT_FOLDER / "plates/A.mov"
    assert local_path("file://localhost/x/A.mov", CUT_FOLDER) == Path("/x/A.mov")


@pytest.mark.parametrize("media", ["", "http://h/x.mov", "s3://b/x.mov", "http://[", "a\0b"])
def test_media_that_is_not_a_local_file_has_no_path(media: str) -> None:
    assert local_path(media, CUT_FOLDER) is None
