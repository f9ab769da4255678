"""Paths of one machine as another has them: only whole folders are mapped, the longest first."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.farm.path_map import UNMAPPED, PathMap, PathRule

SHOWS = PathMap((
    PathRule("/mnt/shows", "/nas"),
    PathRule("/mnt/shows/plates", "/fast/plates"),
    PathRule("Z:\\shows", "/nas", windows=True),
))  # fmt: skip
names = st.text("abcXY.é _-1", min_size=1, max_size=6).filter(lambda n: n not in {".", ".."})


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("/mnt/shows/dub/E.wav", "/nas/dub/E.wav"),
        ("/mnt/shows", "/nas"),
        ("/mnt/shows/plates/a.%04d.exr", "/fast/plates/a.%04d.exr"),
        ("z:/Shows/plates/A.mov", "/nas/plates/A.mov"),
        ("/mnt/showsandmore/E.wav", "/mnt/showsandmore/E.wav"),
        ("dub/E.wav", "dub/E.wav"),
        ("/mnt/shows/../../etc/passwd", "/mnt/shows/../../etc/passwd"),
        ("synthetic-381", "synthetic-381"),
    ],
)
def test_a_path_is_mapped_by_whole_folders_and_the_longest_rule(there, here):
    assert SHOWS.path(there) == here


@given(st.lists(names, max_size=4), st.lists(names, min_size=1, max_size=3))
def test_whatever_is_inside_the_source_is_at_the_same_place_inside_the_destination(rest, source):
    rule = PathRule("/" + "/".join(source), "/here")
    mapped = PathMap((rule,)).path(str(PurePosixPath(rule.source, *rest)))
    assert PurePosixPath(mapped) == PurePosixPath("/here", *rest)


@pytest.mark.parametrize(
    ("media", "here"),
    [
        ("file:///mnt/shows/plates/A%20one.mov", "/fast/plates/A one.mov"),
        ("file://localhost/mnt/shows/plates/A.mov", "/fast/plates/A.mov"),
        ("file:///Z:/shows/A.mov", "/nas/A.mov"),
        ("https://mnt/shows/A.mov", "https://mnt/shows/A.mov"),
        ("file:///elsewhere/A%20one.mov", "file:///elsewhere/A%20one.mov"),
        ("A.mov", "A.mov"),
        ("", ""),
    ],
)
def test_media_of_a_cut_are_mapped_as_paths_and_as_urls(media, here):
    assert SHOWS.media(media) == here


def test_every_path_of_a_project_file_is_mapped_and_nothing_else_is_touched():
    table = {"project": {"media": ["/mnt/shows/plates", "more"], "handles": 8},
             "stems": {"/mnt/shows/E.wav": {"track": 1}}}  # fmt: skip
    assert SHOWS.inside(table) == {
        "project": {"media": ["/fast/plates", "more"], "handles": 8},
        "stems": {"/nas/E.wav": {"track": 1}},
    }
    assert UNMAPPED.inside(table) is table
