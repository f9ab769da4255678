"""A reader that knows only the specification opens what is written, and sees what is altered."""

import pytest

from dubsync.media.credentials.write import write_sidecar
from tests.media.credentials.c2pa_by_hand import Unsound, check, within
from tests.media.credentials.signers import house
from tests.media.credentials.small_media import MANIFEST


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".wav", ".mkv", ".mxf"])
def test_a_sidecar_holds(signed, suffix):
    media, sidecar = signed.beside[suffix]
    said = check(sidecar.read_bytes(), media.read_bytes(), signed.root)
    assert said["org.dubsync.shot"]["shot"] == "A001"
    assert said["c2pa.ingredient.v3"]["relationship"] == "parentOf"
    done = [one["action"] for one in said["c2pa.actions.v2"]["actions"]]
    assert done[:3] == ["c2pa.opened", "c2pa.dubbed", "c2pa.edited"]


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".wav"])
def test_credentials_within_media_hold(signed, suffix):
    media = signed.within[suffix].read_bytes()
    said = check(within(media), media, signed.root, movie=suffix != ".wav")
    assert said["org.dubsync.shot"]["shot"] == "A001"


def test_es256_holds(signed):
    signer, root = house("ES256")
    media, _ = signed.beside[".mkv"]
    check(write_sidecar(media, MANIFEST, signer), media.read_bytes(), root)


def test_altered_media_do_not_hold(signed):
    media, sidecar = signed.beside[".mkv"]
    with pytest.raises(Unsound, match="the media are not what was signed"):
        check(sidecar.read_bytes(), media.read_bytes()[:-1] + b"?", signed.root)


def test_an_altered_assertion_does_not_hold(signed):
    media, sidecar = signed.beside[".mkv"]
    forged = sidecar.read_bytes().replace(b"dA001", b"dB001")
    with pytest.raises(Unsound, match=r"org.dubsync.shot is not what was signed"):
        check(forged, media.read_bytes(), signed.root)


def test_an_altered_claim_does_not_hold(signed):
    media, sidecar = signed.beside[".mkv"]
    forged = sidecar.read_bytes().replace(b"A001 it-IT v001", b"A001 it-IT v002")
    with pytest.raises(Unsound, match="the claim is not what was signed"):
        check(forged, media.read_bytes(), signed.root)
