"""Long work reports progress up to its last frame."""

from dubsync.service.project import Project


def ends(work):
    """Every stage that `work` reports -> its last (done, total)."""
    listed = {}
    work(lambda step: listed.update({(step.name, step.shot): (step.done, step.total)}))
    return listed


def test_every_stage_ends_at_its_last_frame(reel):
    made = ends(lambda progress: Project.open(reel).sync(["a"], progress=progress))
    checked = ends(lambda progress: Project.open(reel).check(["a"], progress=progress))
    reviewed = ends(lambda progress: Project.open(reel).review("a", progress=progress))

    assert {("plan", "a"), ("render", "a"), ("verify", "a")} <= made.keys()
    assert ("check", "a") in checked and ("movie", "a") in reviewed
    for result in (made, checked, reviewed):
        assert {stage: at for stage, at in result.items() if at[0] != at[1]} == {}
