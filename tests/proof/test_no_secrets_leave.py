"""What leaves the house holds no key, no path, no user, no host and no performer's name.

Everything that a project writes is scanned as bytes, in every way such a word may be written: as
UTF-8, as the UTF-16 of an AAF, and percent-encoded as in a URL.
"""

import zipfile
from datetime import date
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from tests.service.conftest import engine  # noqa: F401
from tests.service.reel_making import make_reel

LOGIN, HOST, HOME = "annalogin", "edit-suite-3", "home of anna"
PERFORMERS = {"elise-m": "rossi-anna", "marc-d": "doe-marc"}
SIGNATORY = "Ms Signatory"
#: What stays at home: written by people, or derived and never delivered.
AT_HOME = {"dubsync.toml", "faces.toml", "consent", ".dubsync"}
FORMATS = "otio,edl,fcpxml,xml,aaf,ale,csv,notes,pull,mlt,kdenlive,vfx"
#: Cuts that hosts on the same disks open: media by absolute paths, unless the settings say no.
WITH_PATHS = {".aaf", ".ale", ".fcpxml", ".otio", ".xml", ".csv", ".edl", ".kdenlive", ".mlt"}


def dubsync(*arguments):
    answer = CliRunner().invoke(main, [str(part) for part in arguments])
    assert answer.exit_code in (0, 3), answer.output
    return answer


def written_as(word):
    """The bytes of `word`, in each way that it may stand in a file."""
    return {word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be"),
            quote(word).encode(), quote(word, safe="").encode()}  # fmt: skip


def contents(path):
    """The bytes of a file, and of what it packs."""
    yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name) for name in packed.namelist())


def leaks(reel, words):
    """(file, word) of every word in a file that may leave the house."""
    found = []
    for path in sorted(reel.rglob("*")):
        inside = path.relative_to(reel)
        if not path.is_file() or inside.parts[0] in AT_HOME:
            continue
        for data in contents(path):
            found += [
                (inside.as_posix(), word)
                for word in words
                if any(written in data for written in written_as(word))
            ]
    return found


@pytest.fixture
def house(tmp_path, monkeypatch, signing):
    """What nobody outside shall read; the project is below the home folder."""
    for name in ("USER", "LOGNAME"):
        monkeypatch.setenv(name, LOGIN)
    monkeypatch.setattr("socket.gethostname", lambda: HOST)
    monkeypatch.setattr("platform.node", lambda: HOST)
    home = tmp_path / HOME
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    private = (signing.folder / "key.pem").read_text().splitlines()[1]
    secrets = {signing.mark_secret.hex(), signing.mark_secret.hex().upper(), private}
    names = {LOGIN, HOST, SIGNATORY, *PERFORMERS.values()}
    return home, {str(tmp_path)}, secrets | names


def project(home):
    """A reel whose performers have names, and consent records with ids of their own."""
    reel = make_reel(home, date.today())
    toml = (reel / "dubsync.toml").read_text()
    for number, (old, name) in enumerate(PERFORMERS.items()):
        record = reel / "consent" / f"{old}.toml"
        text = record.read_text().replace(f"{old}-001", f"C-{number}").replace(old, name)
        record.unlink()
        (record.parent / f"{name}.toml").write_text(text.replace("The Performer", SIGNATORY))
        toml = toml.replace(old, name)
    (reel / "dubsync.toml").write_text(toml)
    return reel


def worked(reel, formats):
    """Everything that a project writes before it leaves: renders, reports, notes, cuts."""
    dubsync("sync", reel)
    dubsync("check", reel)
    dubsync("note", reel, "a", "@01:00:00:20", "soft lips")
    for shot in ("a", "b"):
        dubsync("approve", reel, shot)
    dubsync("review", reel, "a")
    dubsync("deliver", reel, "--as", formats)
    dubsync("disclose", reel)


def test_nothing_private_is_in_what_a_project_writes_for_others(house, engine):  # noqa: F811
    home, paths, words = house
    reel = project(home)
    toml = (reel / "dubsync.toml").read_text()
    (reel / "dubsync.toml").write_text(
        toml.replace("[delivery]\n", '[delivery]\nmedia_paths = "relative"\n')
    )
    worked(reel, FORMATS)
    assert len(list((reel / "delivery").rglob("*_v001*"))) > 20
    assert leaks(reel, words | paths) == []


def test_cuts_for_hosts_on_the_same_disks_hold_their_medias_paths_and_nothing_else(
    house,
    engine,  # noqa: F811
):
    home, paths, words = house
    reel = project(home)
    dubsync("sync", reel)
    dubsync("deliver", reel, "--as", FORMATS.removesuffix(",vfx"))
    assert leaks(reel, words) == []
    found = {file for file, _ in leaks(reel, paths)}
    assert found
    assert {file.partition("/")[0] for file in found} == {"delivery"}
    assert {"." + file.rpartition(".")[2] for file in found} <= WITH_PATHS


def test_what_the_verbs_say_holds_no_secret_of_a_key(house, engine):  # noqa: F811
    home, _, words = house
    reel = project(home)
    secrets = {word for word in words if len(word) > 40}
    said = [dubsync("-v", *arguments).output for arguments in (
        ("sync", reel, "--json"), ("status", reel, "--json"), ("keys", "list"), ("consent", reel),
    )]  # fmt: skip
    assert len(secrets) == 3
    assert not [text for text in said for secret in secrets if secret in text]


@pytest.mark.parametrize("plate", ["/mnt/films/R3/a.mov", "file:///mnt/films/R3/a.mov"])
def test_of_media_outside_the_project_only_the_name_is_left(tmp_path, plate):
    from dubsync.editorial.conform.for_another_house import path_for_others
    from dubsync.editorial.timeline.media_paths import local_path

    cut, reel = tmp_path / "REEL" / "delivery" / "v001", tmp_path / "REEL"
    path = str(local_path(plate, reel))
    assert path_for_others(path, cut, reel) == "a.mov"
    inside = str(reel / "renders" / "a" / "v001" / "a.mkv")
    assert path_for_others(inside, cut, reel) == "../../renders/a/v001/a.mkv"
    assert path_for_others("../plates/a.mov", cut, reel) == "../plates/a.mov"
