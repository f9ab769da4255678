"""The bundle of a job: the same for the same reel, valid by the standard's own library."""

import json
from pathlib import Path

import pytest
from openjd.model import create_job, decode_job_template, preprocess_job_parameters

from dubsync.core.errors import EngineError
from dubsync.core.version import __version__
from dubsync.service.farm.bundle import write_bundle
from dubsync.service.farm.template import FarmOptions
from dubsync.service.project import Project

GOLDEN = Path(__file__).with_name("golden")
FILES = ("template.json", "parameter_values.json", "asset_references.json", "shots.json")


def bundle(reel, options=None, **more):
    return write_bundle(Project.open(reel), options or FarmOptions(), **more)


def job_of(folder, **values):
    """The job that a scheduler makes of the template in `folder`."""
    table = json.loads((folder / "template.json").read_text())
    template = decode_job_template(template=table, supported_extensions=["TASK_CHUNKING"])
    given = preprocess_job_parameters(
        job_template=template, job_parameter_values=values, job_template_dir=folder,
        current_working_dir=folder,
    )  # fmt: skip
    return create_job(job_template=template, job_parameter_values=given)


def test_the_bundle_is_the_golden_one(reel, tmp_path):
    made = bundle(reel, FarmOptions(chunk=4, gpu=True, keys="/house/keys"))
    home = json.dumps(str(tmp_path.resolve()))[1:-1]
    for name in FILES:
        text = (made.folder / name).read_text().replace(home, "/HOME")
        text = text.replace(f'"{__version__}"', '"VERSION"')
        assert text == (GOLDEN / name).read_text(), name


def test_a_scheduler_makes_the_job_of_it(reel):
    made = bundle(reel)
    job = job_of(made.folder, Project=str(reel))
    waits = {step.name: [one.dependsOn for one in step.dependencies or []] for step in job.steps}
    assert waits == {
        "Look": [], "Learn_ELISE": ["Look"], "Learn_MARC": ["Look"],
        "Shots_ELISE": ["Learn_ELISE"], "Shots_MARC": ["Learn_MARC"],
        "Finish": ["Shots_ELISE", "Shots_MARC"],
    }  # fmt: skip
    assert len(job.parameters) <= 50


def test_a_project_with_a_hostile_name_makes_a_valid_job(reel):
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text().replace('name = "REEL"', 'name = "{{Job.x}} \\u0007\\n é"'))
    assert str(job_of(bundle(reel).folder, Project=str(reel)).name) == "dubsync Job.x é fr-FR"


def test_each_job_is_a_new_version_and_an_older_one_stays(reel):
    first, second = bundle(reel), bundle(reel)
    assert (first.folder.name, second.folder.name) == ("v001", "v002")
    assert first.folder.is_dir()


def test_consent_is_asked_for_before_a_job_is_made(reel):
    for record in (reel / "consent").glob("marc*"):
        record.unlink()
    with pytest.raises(EngineError, match=r"1 of 2 shots cannot be rendered: b: .*consent"):
        bundle(reel)
    assert not (reel / "farm").exists()
    made = bundle(reel, allow_missing=True)
    assert [name for name, _ in made.without] == ["b"]
    listed = json.loads((made.folder / "shots.json").read_text())
    assert listed["without"] == ["b"]
    assert [one["task"] for one in listed["tasks"]] == [
        "look:a", "learn:ELISE", "shot:a", "finish"
    ]  # fmt: skip


def test_a_reel_without_any_consent_makes_no_job(reel):
    for record in (reel / "consent").iterdir():
        record.unlink()
    with pytest.raises(EngineError):
        bundle(reel, allow_missing=True)


def test_the_house_s_keys_are_named_but_never_in_the_bundle(reel, signing):
    made = bundle(reel, FarmOptions(keys="/house/keys"))
    texts = [(made.folder / name).read_text() for name in FILES]
    assert {path.name for path in made.folder.iterdir()} == set(FILES)
    assert json.loads(texts[3])["house"] == signing.fingerprint
    secret = signing.folder / "key.pem"
    assert not any(str(signing.folder) in text or "PRIVATE" in text for text in texts)
    assert secret.is_file()
