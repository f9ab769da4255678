"""What is said of portraits, live runs and review movies, and that clips are signed or gone."""

import json

import pytest

from dubsync.core.errors import DubsyncError
from dubsync.core.settings import ProofSettings
from dubsync.media.credentials.read import read
from dubsync.service.credentials import write
from dubsync.service.credentials.find import credentials_of
from dubsync.service.credentials.signing import CredentialsWriter
from dubsync.service.credentials.statement import Placed, of_drawn, of_movie
from dubsync.service.credentials.write import sign_copies, write_beside
from dubsync.service.keys.houses import trusted_houses
from tests.media.credentials.small_media import small
from tests.service.credentials.records import DRAWN, RENDER


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "A001_v002.record.json"
    path.write_text(json.dumps(RENDER))
    return path


@pytest.mark.parametrize("says", [
    of_drawn(DRAWN, "2" * 64, "a.mp4", "portrait"),
    of_movie([Placed("A001", 2, "d" * 64, "2" * 64, "video/x-matroska")], "it-IT", "r.mp4",
             "2026-11-30T12:00:00+00:00"),
    of_movie([], "it-IT", "r.mp4", "2026-11-30T12:00:00+00:00"),
])  # fmt: skip
def test_the_library_takes_what_is_said_and_no_person_is_named(says, tmp_path, house_key):
    media = tmp_path / "a.mp4"
    media.write_bytes(b"a movie")
    write_beside(media, says, CredentialsWriter(house_key))
    found = credentials_of(media, [house_key.public])
    assert (found.state, found.faults) == ("trusted", ())
    first = found.assertions["c2pa.actions.v2"]["actions"][0]
    assert first["action"] == "c2pa.created"
    assert first["digitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert "nna" not in json.dumps([found.assertions, found.ingredients])


@pytest.mark.parametrize("mode", ["sidecar", "embed"])
def test_both_movies_of_a_clip_have_their_own_credentials(tmp_path, record, signing, mode):
    movies = [tmp_path / "clip.mov", tmp_path / "clip.mp4"]
    for movie in movies:
        movie.write_bytes(small(movie.suffix))
    sign_copies(movies, record, ProofSettings(credentials=mode))
    for movie in movies:
        found = credentials_of(movie, trusted_houses())
        assert (found.state, found.title) == ("trusted", movie.name)
        titles = [one["title"] for one in found.ingredients]
        assert titles == ["plate", "dub", "dub 2"]


def test_a_clip_that_cannot_be_signed_leaves_nothing_that_passes_for_finished(
    tmp_path, record, signing, monkeypatch
):
    movies = [tmp_path / "clip.mov", tmp_path / "clip.mp4"]
    for movie in movies:
        movie.write_bytes(small(movie.suffix))
    kept, calls = write.write_credentials, []

    def once(*arguments, **named):
        calls.append(arguments)
        if len(calls) > 1:
            raise DubsyncError("the token was taken out")
        return kept(*arguments, **named)

    monkeypatch.setattr(write, "write_credentials", once)
    with pytest.raises(DubsyncError, match="the token was taken out"):
        sign_copies(movies, record, ProofSettings())
    assert sorted(path.name for path in tmp_path.iterdir()) == [record.name]


def test_credentials_that_do_not_read_back_are_an_error(tmp_path, house_key, monkeypatch):
    media = tmp_path / "a.mkv"
    media.write_bytes(b"a movie")
    monkeypatch.setattr(write, "read", lambda *_: read(media))
    with pytest.raises(DubsyncError, match="do not read back"):
        write_beside(media, of_movie([], "it", "a", "2026-11-30T12:00:00+00:00"),
                     CredentialsWriter(house_key))  # fmt: skip
