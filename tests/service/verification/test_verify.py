"""What verify says of a delivery, a reel and a file, at home and with a second person."""

import json
import os
import random
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.cli.proof.verify_text import verification_text
from dubsync.core.progress import silent
from dubsync.service.keys.signing import signed
from dubsync.service.verification import trust as trust_module
from dubsync.service.verification.signed_document import MOST_BYTES, document_bytes
from dubsync.service.verification.trust import trust_here
from dubsync.service.verification.verify import verify_delivery


def names(found, state="failed"):
    """Everything that claims in that state are about, and what they say."""
    return " | ".join(f"{one.claim}: {one.about}: {one.why}" for one in found.of(state))


def flip(path, at=None):
    """Change one byte."""
    data = bytearray(path.read_bytes())
    at = random.Random(path.name).randrange(len(data)) if at is None else at
    data[at] ^= 1
    path.write_bytes(data)


def sign_again(folder, key, **changes):
    """The house itself signs a delivery.json with other values."""
    path = folder / "proof/delivery.json"
    path.write_bytes(document_bytes(signed({**json.loads(path.read_text()), **changes}, key)))


def test_at_home_everything_is_verified_and_the_exit_code_is_0(at_home, checked):
    for path in (at_home, at_home / "delivery/v001", at_home / "renders/a"):
        found = checked(path)
        assert found.state == "verified", names(found) + names(found, "not checked")
    ran = CliRunner().invoke(main, ["verify", str(at_home / "delivery/v001"), "--json"])
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["schema"] == "dubsync.verify/1"


def test_a_second_person_reads_who_made_which_frames_from_what(second):
    found = second()

    assert not found.of("failed"), names(found)
    assert found.exit_code == 2  # for they cannot know whether consent holds today
    assert {one.claim for one in found.of("not checked")} == {"made from", "consent today"}
    text = verification_text(found)
    for said in ("signed by Studio Nord", "86402..86455", "plate a.mov; dub ELISE e.wav",
                 "elise-m-001", "not one sample of any differs from its plate"):  # fmt: skip
        assert said in text
    assert "/" not in text.replace(found.target, "").replace("a/", "")  # no path of any machine


def test_without_the_public_file_nothing_is_trusted_and_the_claimed_name_is_told(handed_over):
    ran = CliRunner().invoke(main, ["verify", str(handed_over / "v001")])

    assert ran.exit_code == 2
    assert "calls itself Studio Nord, and nobody here trusts that key" in ran.stdout.replace(
        "\n" + " " * 21, " "
    )
    assert "signature          " not in ran.stdout.partition("What could not be checked")[0]


@pytest.mark.parametrize("changed", [
    "proof/delivery.json", "proof/ledger.jsonl", "proof/consents.json", "proof/records/a_v001.*",
    "proof/*.pem", "*_fr-FR_v001.edl", "*_flat.otio", "proof/credentials/renders/a_v001.c2pa",
    "../media/a_v001.mkv", "../media/b_v001_matte.mkv", "../media/a_v001_layer.mov",
])  # fmt: skip
def test_one_changed_byte_is_named(handed_over, second, changed):
    folder = handed_over / ("media" if changed.startswith("..") else "v001")
    (path,) = folder.glob(changed.removeprefix("../media/"))
    flip(path)

    found = second()

    assert found.exit_code == 1
    assert path.name in names(found)


@pytest.mark.parametrize("at", [b'"house"', b"\n", b'"value": "'])
def test_a_byte_that_leaves_the_values_as_they_are_is_named_too(handed_over, second, at):
    path = handed_over / "v001/proof/delivery.json"
    data = path.read_bytes()
    path.write_bytes(data.replace(at, b" " + at, 1))

    assert "delivery.json" in names(second())


def test_a_consent_that_was_edited_after_the_render_is_named(at_home, checked):
    path = at_home / "consent/elise-m.toml"
    path.write_text(path.read_text() + "\n# and one more word\n")

    for target in (at_home, at_home / "delivery/v001"):
        found = checked(target)
        assert found.exit_code == 1
        assert "elise-m.toml was edited after the render" in names(found)


def test_missing_and_extra_files_are_named(handed_over, second):
    (edl,) = (handed_over / "v001").glob("*_v001.edl")
    edl.unlink()
    (handed_over / "v001/extra.otio").write_text("{}")
    (handed_over / "media/b_v001.mkv").unlink()

    found = names(second())

    assert f"file: {edl.name}: it is not there" in found
    assert "extra.otio: nobody signed it" in found
    assert "b_v001.mkv" in names(second(), "not checked")  # perhaps it was never handed over


def test_at_home_a_missing_picture_has_failed(at_home, checked):
    (at_home / "renders/a/v001/a_v001.mkv").unlink()
    assert "a_v001.mkv: it is not there" in names(checked(at_home / "delivery/v001"))


def test_renamed_media_are_found_by_their_bytes(handed_over, second):
    (handed_over / "media/a_v001.mkv").rename(handed_over / "media/final.mkv")

    found = second()

    assert found.exit_code == 1
    assert "a_v001.mkv: it is not there under this name; final.mkv has its bytes" in names(found)
    alone = second(handed_over / "media/final.mkv", records=[handed_over / "v001"])
    assert alone.exit_code == 0 and "it was called a_v001.mkv" in names(alone, "verified")


@pytest.mark.parametrize(("made", "said"), [
    (["-c", "copy"], "all 54 frames are the render's, bit for bit"),
    (["-c:v", "ffv1", "-frames:v", "20"], "it was trimmed: frames 86422..86455"),
    (["-c:v", "ffv1", "-vf", "select=not(eq(n\\,30))", "-fps_mode", "passthrough"],
     "frames were dropped: 86432"),
])  # fmt: skip
def test_copies_are_known_by_their_frames(handed_over, second, ffmpeg, made, said):
    media = handed_over / "media"
    old, new = media / "a_v001.mkv", media / "copy.mkv"
    subprocess.run([ffmpeg, "-loglevel", "error", "-i", old, *made, "-an", new], check=True)

    alone = second(new, records=[handed_over / "v001"])
    assert alone.exit_code == 1
    assert said in names(alone) + names(alone, "verified")
    old.unlink()
    assert f"a_v001.mkv: it is not there; copy.mkv is made of it: {said}" in names(second())


def test_a_manifest_of_100_mb_is_refused_by_its_size(handed_over, second, monkeypatch):
    path = handed_over / "v001/proof/delivery.json"
    os.truncate(path, 100 << 20)
    monkeypatch.setattr("dubsync.service.verification.signed_document.parse_signed", None)

    found = second()

    assert found.exit_code == 1
    assert f"104,857,600 bytes, and dubsync writes at most {MOST_BYTES:,}" in names(found)


@pytest.mark.parametrize("path", ["../../secret.mkv", "/etc/passwd", "x/../../secret.mkv"])
def test_a_manifest_does_not_lead_out_of_the_folders(handed_over, second, house_key, path):
    (handed_over.parent / "secret.mkv").write_text("not yours")
    value = json.loads((handed_over / "v001/proof/delivery.json").read_text())
    sign_again(handed_over / "v001", house_key, media=[{**value["media"][0], "path": path}])

    found = names(second())

    assert "leads out of the folders of the delivery" in found and "it was not read" in found


def test_a_link_does_not_lead_out_of_the_folders(handed_over, second):
    moved = handed_over.parent / "elsewhere.mkv"
    (handed_over / "media/a_v001.mkv").rename(moved)
    (handed_over / "media/a_v001.mkv").symlink_to(moved)

    assert second().exit_code != 0


def test_a_record_of_a_newer_version_is_not_checked(at_home, checked, signing):
    (path,) = at_home.glob("renders/a/v001/*.record.json")
    record = json.loads(path.read_text())
    path.write_bytes(document_bytes(signed({**record, "schema": "dubsync.record/9"}, signing)))

    found = checked(at_home / "renders/a")

    assert found.exit_code == 2
    assert "dubsync.record/9" in names(found, "not checked")


def test_a_ledger_with_a_gap_has_failed(at_home, checked):
    path = at_home / "ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:1] + lines[2:]))

    found = checked(at_home)

    assert found.exit_code == 1
    assert "ledger.jsonl" in names(found) and "should stand before it" in names(found)


def test_two_houses_in_one_reel_are_told(at_home, checked, tmp_path, monkeypatch, signing):
    from dubsync.service.keys.keyring import new_key

    monkeypatch.setenv("DUBSYNC_KEYS", str(tmp_path / "other"))
    other = new_key("Studio Sued")
    (path,) = at_home.glob("renders/a/v001/*.record.json")
    path.write_bytes(document_bytes(signed(json.loads(path.read_text()), other)))
    monkeypatch.setenv("DUBSYNC_KEYS", str(signing.folder.parents[1]))

    found = checked(at_home)

    assert found.exit_code == 1
    assert path.name in names(found) and path.name in names(found, "not checked")


@pytest.mark.parametrize(("days", "state"), [(2000, "not checked"), (-30, "verified")])
def test_a_certificate_that_expired_since_is_said(handed_over, days, state):
    houses = (handed_over / "studio.house.pem",)
    trust = replace(trust_here(houses), today=datetime.now(UTC) + timedelta(days=days))

    found = verify_delivery(handed_over / "v001", "v001", trust, (), silent)

    told = [one for one in found.claims if one.claim == "certificate"]
    assert {one.state for one in told} == ({state} if days > 0 else set())
    if told:
        assert "expired on" in told[0].why and found.exit_code == 2


def test_a_forged_signature_is_never_taken_for_an_unknown_one(handed_over, second):
    path = handed_over / "v001/proof/delivery.json"
    value = json.loads(path.read_text())
    value["house"] = "Studio Else"
    path.write_bytes(document_bytes(value))

    for found in (second(), trust_without(handed_over)):
        assert found.exit_code == 1
        assert "changed after it was signed, or forged" in names(found)


def trust_without(folder):
    """verify of somebody who trusts nobody."""
    return verify_delivery(folder / "v001", "v001", trust_module.trust_here(), (), silent)


def test_without_a_key_a_reel_is_never_called_verified(at_home, checked, monkeypatch, tmp_path):
    for path in at_home.glob("renders/*/v001/*.record.json"):
        record = json.loads(path.read_text())
        del record["signature"]
        path.write_bytes(document_bytes(record))
    for path in (at_home / "ledger.jsonl", at_home / ".dubsync/ledger/head.json"):
        path.unlink()
    shutil.rmtree(at_home / "delivery/v001/proof")
    monkeypatch.setenv("DUBSYNC_KEYS", str(tmp_path / "none"))

    found = checked(at_home)

    assert found.exit_code == 2, names(found)
    assert "it is not signed" in names(found, "not checked")


def test_what_is_not_there_could_not_be_checked(tmp_path):
    for path in (tmp_path / "nothing", tmp_path):
        ran = CliRunner().invoke(main, ["verify", str(path)])
        assert ran.exit_code == 2
        assert "Could not check" in ran.stderr and "Try:" in ran.stderr
