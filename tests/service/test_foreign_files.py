"""Foreign and damaged files in a project: each verb works, or ends with an error with words."""

import json
import shutil
import tomllib
from datetime import date
from pathlib import Path

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dubsync.core.errors import DubsyncError
from dubsync.core.progress import silent
from dubsync.service.fault import Fault
from dubsync.service.project import Project
from tests.service.reel_making import make_reel
from tests.service.test_withdrawal import dubsync as command

#: What stands in the place of a whole file.
WHOLE = {
    "empty": b"", "null": b"null", "a number": b"3", "a list": b"[]", "a text": b'"x"',
    "junk": b"\x00\xff\x13" * 50, "deep": b"[" * 5000, "deep toml": b"a = " + b"[" * 5000,
    "half": None, "a folder": None, "a link to itself": None,
}  # fmt: skip
#: What stands in the place of one value.
VALUES = (None, True, -1, 10**40, 1e300, "", "../../x", "\x00", [], [1], {}, {"a": [None]}, [[]])

VERBS = {
    "turnover": lambda project: project.turnover(),
    "consent": lambda project: project.consents(),
    "train": lambda project: project.train(minutes=1),
    "sync": lambda project: project.sync(),
    "check": lambda project: project.check(),
    "deliver": lambda project: project.deliver(formats=("edl",), allow_missing=True),
    "tweak": lambda project: project.tweak("a", ["jaw=1.1"]),
    "coverage": lambda project: project.coverage(),
    "triage": lambda project: project.triage(),
    "withdraw": lambda project: project.withdraw(project.consents()[0]),
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A reel that was trained, tweaked, synced, checked and delivered."""
    folder = tmp_path_factory.mktemp("finished")
    project = Project.open(make_reel(folder, date.today()))
    project.tweak("a", ["jaw=1.2"])
    project.point("a", "ELISE", [(35.0, 35.0)], silent)
    project.draw_with("b", "warp")
    assert {result.status for result in project.run().shots} == {"done"}
    return folder


def documents(reel):
    """Every JSON, TOML and safetensors file of the project.

    Without reports and deliveries, which are not read, and the engine double's actor.json.
    """
    found = (
        p
        for p in reel.rglob("*")
        if p.suffix in (".json", ".toml", ".safetensors") and p.name != "actor.json"
    )
    return sorted(p.relative_to(reel) for p in found if p.parts[0] not in ("reports", "delivery"))


def places(value, path=()):
    """The path of every value in a document."""
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from places(item, (*path, key))


def replaced(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


def spoil_whole(path, how):
    data = path.read_bytes()
    path.unlink()
    if how == "a folder":
        path.mkdir()
    elif how == "a link to itself":
        path.symlink_to(path.name)
    else:
        path.write_bytes(data[: len(data) // 2] if how == "half" else WHOLE[how])


def spoil_value(path, draw):
    read = json.loads if path.suffix == ".json" else tomllib.loads
    document = read(path.read_text())
    where = draw(st.sampled_from(list(places(document))[1:] or [()]))
    new = draw(st.sampled_from([v for v in VALUES if path.suffix == ".json" or v is not None]))
    changed = replaced(document, where, new)
    if path.suffix == ".json":
        path.write_text(json.dumps(changed))
    elif isinstance(changed, dict) and "None" not in repr(changed):
        path.write_text(tomlkit.dumps(changed))


def tried(reel, verb):
    """Runs the verb: it works, or raises a DubsyncError with words; nowhere is there a Fault."""
    try:
        result = VERBS[verb](Project.open(reel))
    except DubsyncError as error:
        assert not isinstance(error, Fault), error.__cause__
        assert str(error)
        result = error
    trained = list(result.values()) if isinstance(result, dict) else []
    texts = [str(result), *map(str, trained), *(repr(getattr(result, "unchecked", "")),)]
    assert "has a fault" not in " ".join(texts), texts


# A fresh copy is made in each example; what the fixtures hold is only read.
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_damaged_file_ends_in_an_error_with_words_or_in_nothing(finished, engine, data):
    draw = data.draw
    home = finished.parent / "tried"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(finished, home)
    reel = home / "REEL"
    name = draw(st.sampled_from(documents(reel)))
    if name.suffix == ".safetensors" or draw(st.booleans()):
        spoil_whole(reel / name, draw(st.sampled_from(list(WHOLE))))
    else:
        spoil_value(reel / name, draw)
    for verb in draw(st.permutations(list(VERBS)))[:2]:
        tried(reel, verb)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".dubsync/actors/ELISE/notes.txt", "mine"),
        (".dubsync/digests.json", None),
        (".dubsync/proofs", "a file"),
        (".dubsync/frames", "a file"),
        ("renders/notes.txt", "mine"),
        ("renders/a/v007", "a file"),
        ("renders/a/v008/x.record.json", None),
        ("consent/notes.txt", "mine"),
    ],
)
def test_foreign_files_and_folders_do_not_end_a_verb_unasked(
    finished, tmp_path, engine, name, content
):
    shutil.copytree(finished, tmp_path / "copy")
    reel = tmp_path / "copy/REEL"
    path = reel / name
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir() if content is None else path.write_text(content)
    for verb in ("consent", "sync", "deliver"):
        tried(reel, verb)


def test_a_project_file_nested_5000_deep_is_refused_with_what_and_where(reel):
    (reel / "dubsync.toml").write_text("a = " + "[" * 5000 + "]" * 5000)
    refused = command("turnover", reel)
    assert refused.exit_code == 1
    assert "dubsync.toml is not valid TOML: it is nested too deep" in refused.output


def test_a_record_that_is_not_text_is_named(reel):
    path = Path(reel) / "consent/elise-m.toml"
    path.write_bytes(path.read_bytes().replace(b"may be", b"\xff\xfe"))
    refused = command("turnover", reel)
    assert refused.exit_code == 1
    assert "elise-m.toml is not valid TOML: it is not text in UTF-8: byte" in refused.output
