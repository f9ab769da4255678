"""People judge renders: what they approve, reject and say is kept, and the states follow."""

import shutil
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dubsync.core.errors import ConsentMissing, DeliveryError, MissingMedia, SettingsError
from dubsync.service.judge import Judging
from dubsync.service.judging.judgement_store import JudgementStore
from dubsync.service.ledger import append as append_module
from dubsync.service.project import Project
from dubsync.service.render.records.faults import proof_faults
from tests.service import drawn_engine
from tests.service.reel_making import make_synced_reel
from tests.service.render_faults import one_byte_altered


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The reel, synced once."""
    folder = tmp_path_factory.mktemp("once")
    make_synced_reel(folder, date.today(), apart=True)
    return folder


@pytest.fixture
def synced(once, tmp_path, engine):
    """A copy of the synced reel."""
    shutil.copytree(once, tmp_path / "copy")
    return tmp_path / "copy/REEL"


@pytest.fixture
def judging(synced):
    return Judging(Project.open(synced))


def states(folder):
    """Shot name -> state, as the status and the kept states say, which must be the same."""
    afresh = {shot.name: shot.state for shot in Project.open(folder).status().shots}
    polled = {shot.name: shot.state for shot in Judging(Project.open(folder)).states()}
    assert polled == afresh
    return afresh


def status(judging, name):
    return next(shot for shot in judging.states() if shot.name == name)


def test_a_render_that_nobody_checked_or_judged_is_rendered(judging):
    assert {shot.state for shot in judging.states()} == {"rendered"}


def test_a_render_that_qc_measured_waits_for_a_person(synced):
    Project.open(synced).check(["a"])
    assert states(synced) == {"a": "pending review", "b": "rendered"}


def test_an_approved_version_is_approved_and_says_by_whom(synced, judging):
    judging.approve("a", by="Anna")
    assert states(synced) == {"a": "approved", "b": "rendered"}
    said = status(judging, "a")
    assert (said.judgement.by, said.judgement.version, said.approved) == ("Anna", "v001", "v001")


def test_a_rejected_version_is_rejected_and_says_why(synced, judging):
    judging.reject("a", by="Anna", why="late on the m")
    assert states(synced) == {"a": "rejected", "b": "rendered"}
    assert "late on the m" in status(judging, "a").reasons[0]
    assert status(judging, "a").approved == ""


def test_a_rejection_without_a_reason_is_refused(judging):
    with pytest.raises(SettingsError, match="needs a reason"):
        judging.reject("a", by="Anna", why=" ")


def test_an_approved_version_whose_inputs_changed_is_stale(synced, judging):
    judging.approve("a", by="Anna")
    Project.open(synced).tweak("a", ["jaw=1.2"])
    stale = status(judging, "a")
    assert stale.state == states(synced)["a"] == "stale"
    assert stale.reasons[0] == "the tweak of ELISE changed"
    assert (stale.approved, stale.to_render) == ("v001", True)


def test_a_render_newer_than_the_judgement_waits_again(synced, judging):
    judging.approve("a", by="Anna")
    Project.open(synced).tweak("a", ["jaw=1.2"])
    Project.open(synced).sync(["a"])
    newer = status(judging, "a")
    assert (newer.state, newer.version, newer.approved) == ("rendered", "v002", "v001")


def test_going_back_to_an_older_version_approves_it_until_inputs_change(synced, judging):
    Project.open(synced).tweak("a", ["jaw=1.2"])
    Project.open(synced).sync(["a"])
    judging = Judging(Project.open(synced))
    judging.reject("a", "v002", by="Anna", why="too wide")
    judging.approve("a", "v001", by="Anna")
    back = status(judging, "a")
    assert (back.state, back.version, back.to_render) == ("approved", "v001", False)
    Project.open(synced).tweak("a", ["jaw=1.4"])
    assert status(judging, "a").state == states(synced)["a"] == "stale"


def test_a_judgement_taken_back_leaves_the_one_before_it(synced, judging):
    judging.approve("a", by="Anna")
    judging.reject("a", by="Ben", why="no")
    judging.take_back("a", by="Ben")
    assert states(synced)["a"] == "approved"
    judging.take_back("a", by="Ben")
    assert states(synced)["a"] == "rendered"
    with pytest.raises(SettingsError, match="no judgement to take back"):
        judging.take_back("a")


def test_a_version_that_was_altered_on_disk_cannot_be_approved(synced, judging):
    one_byte_altered(synced / "renders/a/v001")
    with pytest.raises(DeliveryError, match="v001"):
        judging.approve("a", by="Anna")
    assert judging.judgements("a") == ()


def test_what_is_not_rendered_or_not_there_cannot_be_approved(synced, judging):
    with pytest.raises(SettingsError, match="a has no version v007") as refused:
        judging.approve("a", "v007")
    assert refused.value.hint == "versions: v001"
    shutil.rmtree(synced / "renders/a")
    with pytest.raises(MissingMedia, match="no render yet"):
        judging.approve("a")


def test_a_shot_without_consent_cannot_be_approved(synced, judging):
    (synced / "consent/elise-m.toml").unlink()
    with pytest.raises(ConsentMissing):
        judging.approve("a", by="Anna")
    assert status(judging, "a").state == states(synced)["a"] == "blocked"


def test_a_plate_that_goes_away_makes_its_shot_offline(synced, judging):
    judging.states()
    (synced.parent / "plates/a.mov").rename(synced.parent / "a.mov")
    assert status(judging, "a").state == "offline"
    (synced.parent / "a.mov").rename(synced.parent / "plates/a.mov")
    assert status(judging, "a").state == "rendered"


def test_states_are_not_worked_out_again_while_nothing_changed(synced, judging, monkeypatch):
    first = judging.states()
    for name in ("whole_record", "altered", "newest"):
        monkeypatch.setattr(f"dubsync.service.status.shot_state.{name}", None)
    assert judging.states() == first
    assert Judging(Project.open(synced)).states() == first
    assert drawn_engine.ASKED == []


def test_a_program_without_an_engine_knows_the_states_and_what_to_ask_for(synced, monkeypatch):
    assert Judging(Project.open(synced)).known_states()[1] == {"a", "b"}
    Project.open(synced).status()
    judging = Judging(Project.open(synced))
    monkeypatch.setattr("dubsync.service.reel.inputs.engine_on_base", None)
    states, unknown = judging.known_states()
    assert ([shot.state for shot in states], unknown) == (["rendered", "rendered"], set())
    Project.open(synced).tweak("a", ["jaw=1.2"])
    assert judging.known_states()[1] == {"a"}
    monkeypatch.undo()
    Project.open(synced).status()
    states, unknown = judging.known_states()
    assert ([shot.state for shot in states], unknown) == (["stale", "rendered"], set())


def test_a_judgement_shows_at_once_without_an_engine(synced, monkeypatch):
    Project.open(synced).status()
    monkeypatch.setattr("dubsync.service.reel.inputs.engine_on_base", None)
    judging = Judging(Project.open(synced), with_engine=False)
    judging.approve("a", by="Anna")
    judging.reject("b", by="Ben", why="late")
    said, unknown = judging.known_states()
    assert ([one.state for one in said], unknown) == (["approved", "rejected"], set())
    assert [one.approved for one in said] == ["v001", ""]
    judging.take_back("a", by="Anna")
    assert judging.known_states()[0][0].state == "rendered"


STEPS = st.lists(
    st.sampled_from(["approve", "reject", "take back", "check", "tweak", "sync"]), max_size=5
)


@settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None)
@given(steps=STEPS)
def test_what_is_kept_is_what_is_worked_out_afresh(once, engine, tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("steps")
    shutil.copytree(once, folder / "copy")
    reel = folder / "copy/REEL"
    polled = Judging(Project.open(reel))
    for n, step in enumerate(steps):
        polled.states()
        match step:
            case "approve":
                polled.approve("a", by="Anna")
            case "reject":
                polled.reject("a", by="Ben", why="late")
            case "take back" if polled.judgements("a"):
                polled.take_back("a", by="Anna")
            case "check":
                Project.open(reel).check(["a"])
            case "tweak":
                Project.open(reel).tweak("a", [f"jaw={1.1 + n / 10}"])
            case "sync":
                Project.open(reel).sync(["a"])
    assert polled.states() == Project.open(reel).status().shots


@pytest.mark.parametrize("call", ["before", "after"])
def test_a_judgement_that_the_ledger_cannot_take_is_not_left_behind(
    tmp_path, signing, monkeypatch, call
):
    store = JudgementStore(tmp_path)
    real = append_module.write_whole

    def refused(path, content):
        if call == "after":
            real(path, content)
        raise DeliveryError("cannot write", hint="free some space")

    with monkeypatch.context() as patch:
        patch.setattr(append_module, "write_whole", refused)
        with pytest.raises(DeliveryError):
            store.judge("a", "v001", "approved", by="Ann")
    assert bool(JudgementStore(tmp_path).of("a")) is (call == "after")
    assert not proof_faults(tmp_path).shots
    store.judge("a", "v002", "approved", by="Ann")
    assert not proof_faults(tmp_path).shots and not proof_faults(tmp_path).ledger
