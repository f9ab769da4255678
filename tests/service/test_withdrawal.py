"""Withdrawn consent: what depends on it is listed, models are deleted, nothing more is rendered."""

import json

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import IncompleteDelivery
from dubsync.service.project import Project


def dubsync(*arguments, answer=None):
    return CliRunner().invoke(main, [str(a) for a in arguments], input=answer)


@pytest.fixture
def made(synced_reel):
    """The reel with both shots rendered, and ELISE trained."""
    Project.open(synced_reel).train(["ELISE"], minutes=1)
    return synced_reel


def test_each_consent_is_listed_with_the_models_and_renders_that_depend_on_it(made):
    said = json.loads(dubsync("consent", made, "--json").stdout)
    assert said["schema"] == "dubsync.consent/1"
    elise, marc = said["performers"]
    assert elise["performer"] == "elise-m"
    assert [record["id"] for record in elise["records"]] == ["elise-m-001"]
    assert [(m["kind"], m["consent"]) for m in elise["models"]] == [
        ("learnt", ["elise-m-001"]), ("trained", ["elise-m-001"]),
    ]  # fmt: skip
    assert [(r["shot"], r["version"]) for r in elise["renders"]] == [("a", "v001")]
    assert [m["kind"] for m in marc["models"]] == ["learnt"]
    text = dubsync("consent", made, "elise-m").output
    assert "elise-m-001" in text and "a v001" in text and "marc" not in text


def test_withdrawal_deletes_the_models_and_lists_the_renders(made, engine):
    done = dubsync("consent", made, "elise-m", "--withdraw", "--yes")
    assert done.exit_code == 0, done.output
    assert done.output.index("render  a v001") < done.output.index("Record moved to")
    assert not list(made.glob(".dubsync/*/ELISE/*/**/actor.json"))
    assert list(made.glob(".dubsync/actors/MARC/*/actor.json"))
    assert (made / "consent/elise-m.toml.withdrawn").is_file()
    assert not (made / "consent/elise-m.toml").exists()
    assert list((made / "renders/a/v001").glob("*.mkv"))


def test_after_withdrawal_nothing_of_the_performer_is_trained_rendered_or_delivered(made, engine):
    dubsync("consent", made, "elise-m", "--withdraw", "--yes")
    engine.ASKED.clear()
    project = Project.open(made)
    assert "no consent record" in str(project.train(["ELISE"], minutes=1)["ELISE"])
    shots = {result.name: result.status for result in project.sync()}
    assert shots == {"a": "blocked", "b": "unchanged"}
    assert not [asked for asked in engine.ASKED if "ELISE" in asked]
    with pytest.raises(IncompleteDelivery, match="1 of 2 shots corrected; not: a "):
        project.deliver()
    delivery = project.deliver(allow_missing=True)
    assert delivery.corrected == ("b",)
    assert [shot for shot, why in delivery.missing if "no consent record" in why] == ["a"]
    assert "a_v001" not in open_text(delivery.files["edl"])


def test_the_reason_is_given_when_consent_for_every_render_was_withdrawn(synced_reel):
    for who in ("elise-m", "marc-d"):
        dubsync("consent", synced_reel, who, "--withdraw", "--yes")
    refused = dubsync("deliver", synced_reel)
    assert refused.exit_code == 1
    assert "not delivered" in refused.output and "elise-m" in refused.output


def test_withdrawn_records_are_still_listed(made):
    dubsync("consent", made, "elise-m", "--withdraw", "--yes")
    (elise,) = json.loads(dubsync("consent", made, "elise-m", "--json").stdout)["performers"]
    assert elise["records"] == [] and elise["models"] == []
    assert elise["withdrawn"] == ["elise-m.toml.withdrawn"]
    assert [r["shot"] for r in elise["renders"]] == ["a"]


def test_answering_no_changes_nothing(made):
    asked = dubsync("consent", made, "elise-m", "--withdraw", answer="n\n")
    assert "Withdraw 1 record of elise-m and delete 2 models?" in asked.output
    assert asked.exit_code == 1
    assert (made / "consent/elise-m.toml").is_file()
    assert list(made.glob(".dubsync/trained/ELISE/*/v001/actor.json"))


def test_an_interrupted_training_counts_as_a_model(reel, engine):
    engine.FAILS.add("ELISE")
    Project.open(reel).train(["ELISE"], minutes=1)
    assert list(reel.glob(".dubsync/training/ELISE/*"))
    dubsync("consent", reel, "elise-m", "--withdraw", "--yes")
    assert not list(reel.glob(".dubsync/training/ELISE/*"))


def test_a_second_withdrawal_does_not_overwrite_the_first(made):
    for text in ("first", "second"):
        record = made / "consent/elise-m.toml"
        if not record.exists():
            aside = record.with_name("elise-m.toml.withdrawn").read_text()
            record.write_text(aside.replace("may be dubbed", text))
        dubsync("consent", made, "elise-m", "--withdraw", "--yes")
    names = sorted(p.name for p in (made / "consent").glob("elise*"))
    assert names == ["elise-m.toml.withdrawn", "elise-m.toml.withdrawn2"]


@pytest.mark.parametrize("arguments", [["--withdraw"], ["elise-m", "--withdraw", "--json"]])
def test_contradictory_withdrawal_options_are_a_usage_error(reel, arguments):
    assert dubsync("consent", reel, *arguments).exit_code == 2


def test_an_unknown_performer_is_refused_with_the_known_ones(reel):
    refused = dubsync("consent", reel, "elise", "--json")
    assert refused.exit_code == 1
    assert "elise-m, marc-d" in json.loads(refused.stdout)["hint"]


def open_text(path):
    with open(path) as file:
        return file.read()


def test_reviews_that_show_the_performer_are_listed_and_tweaks_stay(made):
    review = made / "reports" / "review" / "a" / "v001"
    review.mkdir(parents=True)
    (review / "a_v001_ELISE.png").write_bytes(b"")
    Project.open(made).tweak("a", ["jaw=1.1"])

    said = json.loads(dubsync("consent", made, "--json").stdout)
    assert [len(p["reviews"]) for p in said["performers"]] == [1, 0]
    done = dubsync("consent", made, "elise-m", "--withdraw", "--yes")

    assert f"review  {review}" in done.output
    assert "1 render and 1 review" in done.output
    assert review.is_dir()
    assert (made / "tweaks/a/v001.json").is_file()
