"""What leaves a house with a key carries credentials that say what it is made of."""

import json
from datetime import date
from pathlib import Path

import pytest

from dubsync.core.settings import ProofSettings
from dubsync.media.credentials.read import read
from dubsync.service.credentials.find import credentials_of, root_of
from dubsync.service.credentials.signing import CredentialsWriter, credentials_writer
from dubsync.service.credentials.statement import SHOT, of_render
from dubsync.service.credentials.write import sign_render, write_beside
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


def test_nobody_may_train_on_it_unless_the_house_says_so(record):
    entries = of_render(record, "0" * 64, "picture").assertions["cawg.training-mining"]["entries"]
    assert {use["use"] for use in entries.values()} == {"notAllowed"}
    assert "cawg.ai_generative_training" in entries


def test_the_source_type_says_that_it_is_partly_made_by_a_trained_algorithm(record):
    (edited,) = [one for one in of_render(record, "0" * 64, "picture").actions
                 if one["action"] == "c2pa.edited"]  # fmt: skip
    assert edited["digitalSourceType"] == (
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    )
    assert edited["softwareAgent"]["name"] == "dubsync"


@pytest.mark.parametrize("mark, payloads", [
    ({"version": 1, "payload": "0a1b2c3d"}, ["0a1b2c3d"]),
    ({"taken_over": [{"from": "v001", "payload": "11223344", "frames": 3}]}, ["11223344"]),
    ({"off_reason": "a test"}, None),
    ({"frames": 0}, None),
    ({}, None),
])  # fmt: skip
def test_a_marked_picture_says_that_it_is_marked(record, mark, payloads):
    says = of_render({**record, "mark": mark}, "0" * 64, "picture")
    done = [one["action"] for one in says.actions]
    assert ("c2pa.watermarked.unbound" in done) == bool(payloads)
    assert says.assertions[SHOT].get("mark", {}).get("payloads") == payloads


def test_without_a_key_or_where_the_project_wants_none_there_are_none(synced, house_key):
    path = synced / "renders/a/v001/a_v001.record.json"
    assert sign_render(path, ProofSettings()) is None
    assert credentials_writer(ProofSettings()) is None


def test_a_project_that_wants_none_gets_none(signing):
    assert credentials_writer(ProofSettings(credentials="off")) is None


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


@pytest.fixture
def sequence(tmp_path, record, signing):
    """A sequence of three files with signed digests."""
    for n in range(3):
        (tmp_path / f"a.{n:04d}.exr").write_bytes(bytes([n]) * 50)
    pattern = tmp_path / "a.%04d.exr"
    writer = CredentialsWriter(signing)
    write_beside(pattern, of_render(record, "0" * 64, "picture", title="a"), writer)
    return pattern


def test_a_sequence_has_signed_digests_and_credentials_bound_to_them(sequence):
    found = credentials_of(sequence, trusted_houses())
    assert (found.state, found.faults) == ("trusted", ())
    hashes = sequence.with_name("a.hashes.json")
    assert len(json.loads(hashes.read_text())["files"]) == 3
    roots = [root_of(house) for house in trusted_houses()]
    assert read(hashes, sequence.with_name("a.hashes.c2pa"), roots).state == "trusted"


def test_a_frame_that_is_altered_missing_or_new_is_named(sequence):
    folder = sequence.parent
    (folder / "a.0000.exr").write_bytes(b"another picture")
    (folder / "a.0001.exr").rename(folder / "a.0007.exr")
    told = [fault.what for fault in credentials_of(sequence, trusted_houses()).faults]
    assert told == [
        "a.0000.exr was altered after it was signed",
        "a.0001.exr is missing",
        "a.0007.exr is not among the frames that were signed",
    ]


@pytest.mark.parametrize("damage", [
    lambda data: data.replace(b"a.0001.exr", b"../a.0001e"),
    lambda data: data[:40],
    lambda data: b"",
    lambda data: data.replace(b'"version":1', b'"version":2'),
])  # fmt: skip
def test_digests_that_are_altered_are_named_and_lead_nowhere(sequence, damage):
    hashes = sequence.with_name("a.hashes.json")
    hashes.write_bytes(damage(hashes.read_bytes()))
    found = credentials_of(sequence, trusted_houses())
    assert found.state == "invalid"
    assert found.faults[0].what.startswith("a.hashes.json")
