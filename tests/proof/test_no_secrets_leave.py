"""What leaves the house holds no key, no path, no user, no host and no performer's name.

Everything that a project writes is scanned as bytes, in every way such a word may be written: as
UTF-8, as the UTF-16 of an AAF, and percent-encoded as in a URL.
"""

import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.editorial.conform.for_another_house import path_for_others
from dubsync.editorial.timeline.media_paths import local_path
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


@dataclass(frozen=True)
class Worked:
    """A project that was rendered, judged and delivered, and what nobody outside shall read.

    reel    its folder, delivered with relative paths, then with absolute ones
    said    what the verbs said
    keys    the secrets of the house's key
    names   of people, the login and the host
    path    of the folder in which all of it is
    """

    reel: Path
    said: tuple[str, ...]
    keys: frozenset[str]
    names: frozenset[str]
    path: str


@pytest.fixture(scope="module")
def worked(tmp_path_factory, house_key):
    folder = tmp_path_factory.mktemp("house")
    home = folder / HOME
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBSYNC_KEYS", str(house_key.folder.parents[1]))
        for name in ("USER", "LOGNAME"):
            patch.setenv(name, LOGIN)
        patch.setenv("HOME", str(home))
        patch.setattr("socket.gethostname", lambda: HOST)
        patch.setattr("platform.node", lambda: HOST)
        reel = project(home)
        said = [dubsync(*arguments).output for arguments in (
            ("-v", "sync", reel), ("check", reel, "--json"),
            ("note", reel, "a", "@01:00:00:20", "soft lips"),
            ("approve", reel, "a"), ("approve", reel, "b"),
            ("deliver", reel, "--as", FORMATS), ("disclose", reel), ("status", reel, "--json"),
        )]  # fmt: skip
        toml = reel / "dubsync.toml"
        toml.write_text(toml.read_text().replace('media_paths = "relative"\n', ""))
        said.append(dubsync("deliver", reel, "--as", FORMATS.removesuffix(",vfx")).output)
    private = (house_key.folder / "key.pem").read_text().splitlines()[1]
    secret = house_key.mark_secret.hex()
    keys = {private, secret, secret.upper()}
    names = {LOGIN, HOST, SIGNATORY, *PERFORMERS.values()}
    return Worked(reel, tuple(said), frozenset(keys), frozenset(names), str(folder))


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
    toml = toml.replace("[delivery]\n", '[delivery]\nmedia_paths = "relative"\n')
    (reel / "dubsync.toml").write_text(toml)
    return reel


def test_no_secret_login_host_or_name_is_in_what_a_project_writes(worked):
    assert len(list((worked.reel / "delivery").rglob("*"))) > 40
    assert leaks(worked.reel, worked.keys | worked.names) == []


def test_no_path_of_this_machine_is_in_what_is_written_for_people_outside(worked):
    found = {file for file, _ in leaks(worked.reel, {worked.path})}
    assert {file for file in found if not file.startswith("delivery/v002/")} == set()


def test_cuts_for_hosts_on_the_same_disks_hold_their_medias_paths(worked):
    found = {Path(file).suffix for file, _ in leaks(worked.reel, {worked.path})}
    assert {".aaf", ".fcpxml", ".xml", ".ale"} <= found <= WITH_PATHS


def test_what_the_verbs_say_holds_no_secret_of_a_key(worked):
    assert not [text for text in worked.said for secret in worked.keys if secret in text]


@pytest.mark.parametrize("plate", ["/mnt/films/R3/a.mov", "file:///mnt/films/R3/a.mov"])
def test_of_media_outside_the_project_only_the_name_is_left(tmp_path, plate):
    cut, reel = tmp_path / "REEL" / "delivery" / "v001", tmp_path / "REEL"
    path = str(local_path(plate, reel))
    assert path_for_others(path, cut, reel) == "a.mov"
    inside = str(reel / "renders" / "a" / "v001" / "a.mkv")
    assert path_for_others(inside, cut, reel) == "../../renders/a/v001/a.mkv"
    assert path_for_others("../plates/a.mov", cut, reel) == "../plates/a.mov"
