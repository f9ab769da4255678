"""Media get C2PA credentials, and whatever is changed afterwards is named."""

import json
import re
import socket
import struct
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import c2pa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import DubsyncError
from dubsync.media.credentials.carried import BOX_HEAD, BOX_TYPE
from dubsync.media.credentials.library import CredentialsError
from dubsync.media.credentials.read import read
from dubsync.media.credentials.write import embed, write_sidecar
from tests.media.credentials.signers import house
from tests.media.credentials.small_media import MANIFEST, pictures, small

BESIDE = (".mov", ".mp4", ".wav", ".mkv", ".mxf")
WITHIN = (".mov", ".mp4", ".wav")


@pytest.mark.parametrize("suffix", BESIDE)
def test_a_sidecar_leaves_the_media_as_they_were_and_says_what_was_done(signed, suffix):
    media, sidecar = signed.beside[suffix]
    if suffix not in (".mov", ".mp4", ".mkv"):  # movies hold a random identifier
        assert media.read_bytes() == small(suffix)
    found = read(media, sidecar, (signed.root,))
    assert (found.state, found.faults, found.embedded) == ("trusted", (), False)
    assert found.signer["organisation"] == "Studio Nord"
    actions = [one["action"] for one in found.assertions["c2pa.actions.v2"]["actions"]]
    assert actions == ["c2pa.opened", "c2pa.dubbed", "c2pa.edited", "c2pa.watermarked.unbound"]
    assert [one["relationship"] for one in found.ingredients] == ["parentOf", "inputTo", "inputTo"]
    assert found.assertions["org.dubsync.shot"]["shot"] == "A001"


@pytest.mark.parametrize("suffix", WITHIN)
def test_media_with_credentials_within_them_show_the_same(signed, suffix):
    media, within = signed.beside[suffix][0], signed.within[suffix]
    found = read(within, None, (signed.root,))
    assert (found.state, found.faults, found.embedded) == ("trusted", (), True)
    if suffix == ".wav":
        assert small(".wav")[44:] in within.read_bytes()
    else:
        for one, other in zip(pictures(media), pictures(within), strict=True):
            assert np.array_equal(one, other)


def altered(path, at, bit):
    """The file's bytes with one bit of one byte turned over."""
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 1 << bit
    return bytes(data)


@given(st.sampled_from(BESIDE), st.booleans(), st.integers(0, 1 << 20), st.integers(0, 7))
@settings(max_examples=40)
def test_one_altered_byte_of_media_or_sidecar_is_named(
    signed, tmp_path_factory, suffix, sidecar_too, at, bit
):
    files = signed.beside[suffix]
    changed = tmp_path_factory.getbasetemp() / f"altered{suffix}"
    changed.write_bytes(altered(files[1] if sidecar_too else files[0], at, bit))
    media, sidecar = (files[0], changed) if sidecar_too else (changed, files[1])
    found = read(media, sidecar, (signed.root,))
    assert found.state == "invalid" and all(fault.what for fault in found.faults)


@given(st.sampled_from(WITHIN), st.integers(0, 1 << 20), st.integers(0, 7))
@settings(max_examples=40)
def test_one_altered_byte_of_media_that_carry_credentials_is_named(
    signed, tmp_path_factory, suffix, at, bit
):
    changed = tmp_path_factory.getbasetemp() / f"altered_within{suffix}"
    changed.write_bytes(altered(signed.within[suffix], at, bit))
    # "none": the name of the box is altered, so there are no credentials to be found.
    assert read(changed, None, (signed.root,)).state in ("invalid", "none")


def test_the_head_of_a_movie_is_covered_although_c2pa_leaves_it_out(signed, tmp_path):
    changed = tmp_path / "a.mp4"
    changed.write_bytes(altered(signed.within[".mp4"], 12, 0))  # in the brand's version
    assert "dubsync.left_out" in {fault.code for fault in read(changed).faults}


def test_other_media_than_the_signed_are_named(signed):
    found = read(signed.beside[".mov"][0], signed.beside[".mkv"][1], (signed.root,))
    assert [fault.code for fault in found.faults] == ["assertion.dataHash.mismatch"]
    assert found.faults[0].what == "the file is not the one that was signed: its bytes differ"


def test_a_signer_whom_nobody_here_knows_is_said_and_the_media_are_whole(signed):
    media, sidecar = signed.beside[".mkv"]
    found = read(media, sidecar, (house()[1],))
    assert (found.state, [fault.code for fault in found.faults]) == (
        "valid", ["signingCredential.untrusted"],
    )  # fmt: skip


def test_es256_signs_as_well(signed):
    signer, root = house("ES256")
    media, _ = signed.beside[".mkv"]
    sidecar = media.with_suffix(".es256")
    sidecar.write_bytes(write_sidecar(media, MANIFEST, signer))
    assert read(media, sidecar, (root,)).state == "trusted"


def test_a_certificate_that_expired_since_it_signed_is_named(signed, tmp_path):
    soon = (datetime.now(UTC) + timedelta(seconds=1.3)).replace(microsecond=0)
    signer, root = house(until=soon)
    media, sidecar = signed.beside[".mkv"][0], tmp_path / "a.c2pa"
    sidecar.write_bytes(write_sidecar(media, MANIFEST, signer))
    while datetime.now(UTC) <= soon + timedelta(seconds=1.1):
        time.sleep(0.05)
    found = read(media, sidecar, (root,))
    assert found.state == "invalid"
    assert (
        "the signing certificate has expired, and no time stamp proves that it was signed before"
        in [fault.what for fault in found.faults]
    )


def test_an_expired_certificate_signs_nothing(signed):
    signer, _ = house(until=datetime.now(UTC) - timedelta(hours=1))
    with pytest.raises(CredentialsError, match="not valid at time of signing"):
        write_sidecar(signed.beside[".mkv"][0], MANIFEST, signer)


def test_a_sidecar_of_100_mb_is_refused_before_it_is_read(signed, tmp_path):
    sidecar = tmp_path / "a.c2pa"
    with sidecar.open("wb") as file:
        file.truncate(100 << 20)
    (fault,) = read(signed.beside[".mkv"][0], sidecar).faults
    assert fault.what == "a.c2pa has 104,857,600 bytes; a manifest store has at most 16,777,216"


def test_media_that_carry_100_mb_of_manifest_are_refused_before_it_is_read(signed, tmp_path):
    media = tmp_path / "a.mov"
    size = 100 << 20
    head = struct.pack(">I4s", size, b"uuid") + BOX_TYPE + BOX_HEAD
    media.write_bytes(signed.beside[".mov"][0].read_bytes() + head)
    with media.open("r+b") as file:
        file.truncate(media.stat().st_size - len(head) + size)
    (fault,) = read(media).faults
    assert re.search(r"carries a manifest store of 104,857,\d\d\d bytes", fault.what)


@given(st.binary(max_size=300))
@settings(max_examples=15)
def test_a_sidecar_of_any_bytes_is_a_fault_and_no_crash(signed, tmp_path_factory, data):
    sidecar = tmp_path_factory.getbasetemp() / "any.c2pa"
    sidecar.write_bytes(data)
    assert read(signed.beside[".mkv"][0], sidecar).state == "invalid"


@given(st.integers(0, 15_000), st.sampled_from([".mov", ".mkv"]))
@settings(max_examples=20)
def test_a_sidecar_that_is_cut_off_is_named(signed, tmp_path_factory, length, suffix):
    media, sidecar = signed.beside[suffix]
    whole = sidecar.read_bytes()
    short = tmp_path_factory.getbasetemp() / "short.c2pa"
    short.write_bytes(whole[: min(length, len(whole) - 1)])
    assert read(media, short, (signed.root,)).state == "invalid"


def test_nothing_is_fetched_whatever_the_media_point_at(signed, tmp_path):
    """A manifest of somebody else that is said to lie on a server."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        asked = []
        server.settimeout(0.3)

        def listen():
            try:
                asked.append(server.accept()[1])
            except TimeoutError:
                return

        waiting = threading.Thread(target=listen)
        waiting.start()
        far = tmp_path / "far.mov"
        with c2pa.Builder(json.dumps(MANIFEST.definition())) as builder:
            builder.set_no_embed()
            builder.set_remote_url(f"http://127.0.0.1:{server.getsockname()[1]}/a.c2pa")
            hand = c2pa.Signer.from_callback(
                signed.signer.sign, c2pa.C2paSigningAlg.ED25519, signed.signer.chain_pem
            )
            with signed.beside[".mov"][0].open("rb") as source, far.open("w+b") as target:
                store = builder.sign(hand, "video/quicktime", source, target)
        sidecar = tmp_path / "far.c2pa"
        sidecar.write_bytes(store)
        assert read(far).state in ("none", "invalid")
        assert read(far, sidecar, (signed.root,)).state in ("trusted", "invalid")
        waiting.join()
    assert not asked


def test_a_format_that_holds_no_manifest_is_refused_with_what_to_do(signed, tmp_path):
    with pytest.raises(CredentialsError, match="MOV, MP4 and WAV can") as refused:
        embed(signed.beside[".mkv"][0], tmp_path / "out.mkv", MANIFEST, signed.signer)
    assert "sidecar" in refused.value.hint


def test_a_key_that_cannot_sign_says_so_itself(signed):
    class Locked(DubsyncError):
        pass

    def sign(data):
        raise Locked("the token is not there")

    with pytest.raises(Locked, match="the token is not there"):
        write_sidecar(signed.beside[".mkv"][0], MANIFEST, replace(signed.signer, sign=sign))


def test_media_without_credentials_have_none(signed):
    assert read(signed.beside[".mov"][0]).state == "none"
    assert read(signed.beside[".mkv"][0]).state == "none"
