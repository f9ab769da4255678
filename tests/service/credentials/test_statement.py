"""What the credentials of a render say, and when there are none."""

import json
from types import SimpleNamespace

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from dubsync.core.settings import ProofSettings
from dubsync.media.credentials.library import CredentialsError
from dubsync.service.credentials import signing as signing_module
from dubsync.service.credentials.signing import check_credentials, credentials_writer
from dubsync.service.credentials.statement import SHOT, of_render
from dubsync.service.credentials.write import sign_render
from tests.media.credentials.signers import house
from tests.service.credentials.records import RENDER


def test_nobody_may_train_on_it_unless_the_house_says_so():
    entries = of_render(RENDER, "0" * 64, "picture").assertions["cawg.training-mining"]["entries"]
    assert {use["use"] for use in entries.values()} == {"notAllowed"}
    assert "cawg.ai_generative_training" in entries


def test_the_source_type_says_that_it_is_partly_made_by_a_trained_algorithm():
    (edited,) = [one for one in of_render(RENDER, "0" * 64, "picture").actions
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
def test_a_marked_picture_says_that_it_is_marked(mark, payloads):
    says = of_render({**RENDER, "mark": mark}, "0" * 64, "picture")
    done = [one["action"] for one in says.actions]
    assert ("c2pa.watermarked.unbound" in done) == bool(payloads)
    assert says.assertions[SHOT].get("mark", {}).get("payloads") == payloads


def test_without_a_key_or_where_the_project_wants_none_there_are_none(tmp_path, house_key):
    path = tmp_path / "A001_v002.record.json"
    path.write_text(json.dumps(RENDER))
    assert sign_render(path, ProofSettings()) is None
    assert credentials_writer(ProofSettings()) is None


def test_a_project_that_wants_none_gets_none(signing):
    assert credentials_writer(ProofSettings(credentials="off")) is None


def test_a_copy_does_not_claim_that_nothing_changed_outside_the_matte():
    copy = of_render(RENDER, "0" * 64, "edit", master="d" * 64).assertions[SHOT]
    assert "changed_outside" in of_render(RENDER, "0" * 64, "picture").assertions[SHOT]["changed"]
    assert copy["changed"] == {"frames": 2, "frames_changed": 1}
    assert copy["master"] == "d" * 64


def test_a_certificate_that_is_not_for_c2pa_is_refused_before_anything_is_rendered(monkeypatch):
    signer, _ = house(use=ExtendedKeyUsageOID.SERVER_AUTH)
    key = SimpleNamespace(house="Studio Nord", algorithm=signer.algorithm,
                          chain_pem=signer.chain_pem, sign=signer.sign)  # fmt: skip
    monkeypatch.setattr(signing_module, "house_key", lambda: key)
    with pytest.raises(CredentialsError, match="Studio Nord cannot sign C2PA credentials") as told:
        check_credentials(ProofSettings())
    assert "extended key usage" in told.value.hint
    check_credentials(ProofSettings(credentials="off"))


def test_a_key_that_can_sign_passes_the_trial(signing):
    check_credentials(ProofSettings())
