"""`dubsync consent --form` writes a form; `turnover` names missing and expiring consent."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import SettingsError
from dubsync.service.consent.records import read_consent
from tests.service.reel_making import consent


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_a_form_is_toml_to_fill_in_and_is_never_written_over_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = dubsync("consent", "--form", "anna-b")
    assert made.exit_code == 0 and "--consent anna-b.toml" in made.output
    form = Path("anna-b.toml").read_text()
    for word in ("lip_reenact", "train_model", 'performer = "anna-b"', "who signed", "de-AT"):
        assert word in form
    with pytest.raises(SettingsError, match="languages is not filled in"):
        read_consent(Path("anna-b.toml"))
    again = dubsync("consent", "--form", "anna-b")
    assert again.exit_code == 1 and "does not overwrite" in again.output
    assert Path("anna-b.toml").read_text() == form
    filled = form.replace('languages = ["..."]', 'languages = ["fr"]').replace('"..."', '"Anna"')
    Path("anna-b.toml").write_text(filled)
    assert read_consent(Path("anna-b.toml")).signatory == "Anna"


@pytest.mark.parametrize("name", ["../x", "a/b", '"', "", "x" * 65, ".", "a\nb"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    refused = dubsync("consent", "--form", name)
    assert refused.exit_code in (1, 2) and not list(tmp_path.iterdir())


def test_a_form_in_a_project_knows_character_and_languages_and_does_not_count_yet(reel):
    body = json.loads(dubsync("consent", reel, "--form", "luc", "--json").stdout)
    assert body["form"].endswith("consent/luc.toml.example")
    (reel / "consent/elise-m.toml").unlink()
    dubsync("consent", reel, "--form", "elise-m")
    form = (reel / "consent/elise-m.toml.example").read_text()
    assert "plays ELISE" in form and 'languages = ["fr-FR"]' in form


def test_turnover_names_missing_and_expiring_consent(reel):
    (reel / "consent/elise-m.toml").unlink()
    consent(reel / "consent/marc-d.toml", "marc-d", date.today() - timedelta(177))
    body = json.loads(dubsync("turnover", reel, "--json").stdout)
    assert {shot["name"]: shot["blocked"] for shot in body["shots"]} == {"a": True, "b": False}
    (missing,) = [w for w in body["warnings"] if w["blocking"]]
    assert (
        missing["about"] == "a"
        and "no consent record for performer 'elise-m'" in missing["message"]
    )
    (ending,) = [w for w in body["warnings"] if "ends on" in w["message"]]
    assert ending["about"] == "marc-d" and "in 4 days" in ending["message"]


def test_a_form_asks_for_the_operations_that_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = dubsync("consent", "--form", "anna-b", "--operation", "portrait")
    assert made.exit_code == 0 and "dubsync portrait with --consent" in made.output
    assert 'operations = ["portrait"]' in Path("anna-b.toml").read_text()
    dubsync("consent", "--form", "mona", "--basis", "public-domain")
    assert "[consent.work]" in Path("mona.toml").read_text()
    refused = dubsync("consent", "--form", "x", "--operation", "voice_clone")
    assert refused.exit_code == 1 and "voice_clone" in refused.output


def test_a_performer_is_listed_with_what_their_records_do_not_allow(reel):
    listed = dubsync("consent", reel, "elise-m")
    assert "not allowed: head_reenact, expression_edit, portrait, live" in listed.output
