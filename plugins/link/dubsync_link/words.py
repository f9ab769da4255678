"""What a panel says of a flow, so that all hosts say the same."""

from . import flow as flows

_STEPS = {
    "track": "looking for faces",
    "learn": "learning the actor",
    "train": "training",
    "holdout": "measuring the model",
    "plan": "planning",
    "render": "rendering",
    "verify": "counting the proof",
}


def status_of(flow):
    """One line: what it does, or how it ended."""
    if flow.state == flows.READING:
        return "Reading the timeline" + _step(flow.progress)
    if flow.state == flows.SYNCING:
        return _progress(flow.progress)
    if flow.state == flows.PLACING:
        return "Laying the clips in"
    if flow.state == flows.FAILED:
        return flow.problem.what if flow.problem else "It failed"
    laid = sum(bool(one.get("placed")) for one in flow.placed)
    if flow.state == flows.CANCELLED:
        return "Cancelled; {} laid in".format(counted(laid, "clip"))
    if flow.state == flows.DONE:
        return "{} synced".format(counted(laid, "clip"))
    return "Ready"


def details_of(flow):
    """The lines below it: where, what to try, and every warning."""
    lines = []
    if flow.problem is not None and flow.state == flows.FAILED:
        lines += flow.problem.text().splitlines()[1:]
    return lines + list(flow.warnings)


def share_of(flow):
    """How much of the job is done, 0 to 1."""
    told = flow.progress
    shots = told.get("shots") or 1
    step = float(told.get("done") or 0) / (told.get("of") or 1)
    # Only rendering takes time enough to be shown as part of a shot.
    within = step if told.get("step") == "render" else 0.0
    return min(1.0, (told.get("shots_done", 0) + within) / shots)


def counted(number, word):
    """ "1 clip", "2 clips"."""
    return f"{number} {word}" + ("" if number == 1 else "s")


def _progress(told):
    if not told:
        return "Waiting for dubsync"
    shot = min(told["shots_done"] + 1, told["shots"])
    return f"Shot {shot} of {told['shots']}" + _step(told)


def _step(told):
    """What is done to what: ": A001, rendering 41/100"."""
    if not told:
        return ""
    step = _STEPS.get(told["step"], told["step"])
    return ": {}, {} {}/{}".format(told["shot"], step, told["done"], told["of"])
