"""What leaves a house with a key carries credentials that say what it is made of."""

import json
from datetime import date
from pathlib import Path

import pytest

from dubsync.service.credentials.find import credentials_of
from dubsync.service.credentials.statement import SHOT
from dubsync.service.keys.houses import trusted_houses
from dubsync.service.project import Project
from tests.service.reel_making import make_reel


@pytest.fixture(scope="module")
def synced(tmp_path_factory, house_key):
    """A reel of two shots, a and b, synced on a machine with a key."""
    folder = make_reel(tmp_path_factory.mktemp("signed"), date.today())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBSYNC_KEYS", str(house_key.folder.parents[1]))
        Project.open(folder).sync(["a"])
    return folder


@pytest.fixture
def record(synced):
    return json.loads((synced / "renders/a/v001/a_v001.record.json").read_text())


def test_a_render_has_credentials_beside_picture_and_layer_and_the_media_are_untouched(
    synced, record, signing
):
    folder = synced / "renders/a/v001"
    for role in ("picture", "layer"):
        media = folder / record["outputs"][role]["file"]
        found = credentials_of(media, trusted_houses())
        assert (found.state, found.faults) == ("trusted", ())
        assert found.assertions[SHOT]["file"] == role
    assert not list(folder.glob("*matte*.c2pa"))


def test_what_went_in_is_named_by_digest_and_nobody_by_name(synced, record, signing):
    media = synced / "renders/a/v001" / record["outputs"]["picture"]["file"]
    found = credentials_of(media, trusted_houses())
    digests = {one["instance_id"].rpartition(";")[2] for one in found.ingredients}
    assert digests >= {one["sha256"] for one in record["inputs"]}
    assert digests >= set(record["actors"].values())
    parents = [one["title"] for one in found.ingredients if one["relationship"] == "parentOf"]
    assert parents == ["plate"]
    told = json.dumps([found.assertions, found.ingredients])
    for name in (*record["characters"], *(one["name"] for one in record["inputs"]), str(synced)):
        assert name not in told
    assert [one["id"] for one in record["consent"]] == [
        one["id"] for one in found.assertions[SHOT]["consent"]
    ]


def delivered(reel, mode):
    """Paths of the edit media that a delivery points at, with credentials as `mode` says."""
    toml = reel / "dubsync.toml"
    text = toml.read_text()
    edit = text.replace("[delivery]\n", '[delivery]\nedit = "prores422hq"\n')
    toml.write_text(f'{edit}\n[proof]\ncredentials = "{mode}"\n')
    try:
        made = Project.open(reel).deliver(formats=["edl"], allow_missing=True)
    finally:
        toml.write_text(text)
    return [Path(path) for path in made.edit.values()]


def test_edit_media_carry_credentials_where_the_project_says(synced, signing):
    pictures = []
    for mode in ("sidecar", "embed"):
        (path,) = delivered(synced, mode)
        found = credentials_of(path, trusted_houses())
        assert (found.state, found.faults, found.embedded) == ("trusted", (), mode == "embed")
        done = [one["action"] for one in found.assertions["c2pa.actions.v2"]["actions"]]
        assert [one for one in done if "watermarked" not in one] == [
            "c2pa.opened", "c2pa.dubbed", "c2pa.edited", "c2pa.transcoded",
        ]  # fmt: skip
        pictures.append(path.read_bytes())
    # The same pictures: the second is a copy of the first with its credentials within.
    start = pictures[0].index(b"mdat")
    assert pictures[0][start:][:2000] in pictures[1]
