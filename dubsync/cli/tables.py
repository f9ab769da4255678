"""Results as terminal text, and as JSON for a host (docs/reference/json.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dubsync.core.errors import DubsyncError
from dubsync.core.plural import counted
from dubsync.core.timeline.timecode import TIMECODE_RATES, FrameRange, Timecode

if TYPE_CHECKING:  # these import numpy, and `dubsync --help` must answer at once
    from dubsync.core.result import Finding, QCReport
    from dubsync.core.shot import Line, ProjectWarning, Turnover
    from dubsync.core.timeline.losses import Loss
    from dubsync.service.clip import ClipResult
    from dubsync.service.reel.shot_result import ShotResult
    from dubsync.service.run_result import Trained


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A plain-text table; columns are as wide as their widest cell."""
    cells = [list(map(str, row)) for row in (head, *rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def timecode(frames: FrameRange, drop: bool = False) -> str:
    """Timecode in and out (exclusive); frame numbers where the rate has no timecode."""
    if frames.rate not in TIMECODE_RATES or frames.start < 0:
        return f"{frames.start}-{frames.stop}"
    return " ".join(str(Timecode(f, frames.rate, drop)) for f in (frames.start, frames.stop))


def losses_json(losses: Iterable[Loss]) -> list[dict[str, str]]:
    """The `losses` list of probe and script."""
    return [
        {"where": loss.where, "what": loss.what, "kind": loss.kind, "hint": loss.hint}
        for loss in losses
    ]


def loss_line(loss: Loss) -> str:
    """One loss as text."""
    hint = f"  ({loss.hint})" if loss.hint else ""
    return f"  {loss.kind}: {loss.where}: {loss.what}{hint}"


# -- turnover ------------------------------------------------------------------------------


#: Shot name -> result of the analysis of its plate, see `Recognition.row`; None: not analysed.
Analysed = Mapping[str, "Mapping[str, Any] | None"]
NOT_ANALYSED: Analysed = {}


def turnover_text(result: Turnover, seen: Analysed = NOT_ANALYSED) -> str:
    """A table of shots, their plates' colours and analysis, skipped events, and every warning."""
    from dubsync.service.turnover.plate_spaces import plate_spaces, spaces_text

    rows = [
        (
            shot.name,
            timecode(shot.record, result.cut.drop),
            shot.plate.name,
            "changes" if shot.pace is None else f"{float(shot.pace):.0%}",
            len(shot.render),
            ", ".join(shot.characters),
            ", ".join(take.name for take in shot.takes) or "-",
            "blocked" if shot.blocked else "",
        )
        for shot in result.shots
    ]
    head = ("shot", "record in/out", "plate", "speed", "frames", "characters", "takes", "status")
    parts = [
        f"{result.cut.name}: {counted(len(result.cut.events), 'event')} at {result.cut.rate} fps, "
        f"{counted(len(result.shots), 'shot')} to sync",
        table(head, rows),
        *spaces_text(plate_spaces(result)),
    ]
    if seen:
        parts += ["Analysis of the plates:", _analysis(result, seen)]
    if result.skipped:
        parts.append("Skipped:")
        parts += [f"  {event.name}: {reason}" for event, reason in result.skipped]
    warnings = every_warning(result)
    if warnings:
        parts.append("Warnings:")
        parts += [warning_line(warning) for warning in warnings]
    return "\n".join(parts)


def _analysis(result: Turnover, seen: Analysed) -> str:
    rows = []
    for shot in result.shots:
        row = seen.get(shot.name)
        if row is None:
            rows.append((shot.name, "not analysed", "-", "-"))
            continue
        faces = ", ".join(
            f"{one['character'] or 'nobody'}: face {one['number']} at {one['x']},{one['y']}"
            f"@{one['frame']}"
            for one in row["people"]
        )
        away = {name for names in row["off_screen"].values() for name in names}
        off = ", ".join(line.called for line in shot.lines if line.name in away)
        late = row["sound_offset_ms"]
        offset = row["note"] if late is None else f"{late:+.0f} ms" + ("" if row["sure"] else "?")
        rows.append((shot.name, faces or "none", off or "-", offset))
    return table(("shot", "faces", "off-screen lines", "A/V offset (+ sound late)"), rows)


def every_warning(result: Turnover) -> tuple[ProjectWarning, ...]:
    """Warnings of the cut, the turnover and its shots, each once."""
    shots = (warning for shot in result.shots for warning in shot.warnings)
    return tuple(dict.fromkeys((*result.cut.warnings, *result.warnings, *shots)))


def turnover_json(result: Turnover, seen: Analysed = NOT_ANALYSED) -> dict[str, Any]:
    """The body of `dubsync.turnover/1`; it has "look" when the plates were analysed."""
    return {
        "cut": result.cut.name,
        "rate": str(result.cut.rate),
        "events": len(result.cut.events),
        "shots": [
            {
                "name": shot.name,
                "clip": shot.event.clip,
                "reel": shot.plate.reel,
                "plate": shot.plate.name,
                "record": _span_json(shot.record),
                "source": _span_json(shot.source),
                "render": _span_json(shot.render),
                "speed": "changes" if shot.speed is None else str(shot.speed),
                "characters": list(shot.characters),
                "lines": [line.name for line in shot.lines],
                **_script_json(shot.lines),
                "takes": [take.name for take in shot.takes],
                "blocked": shot.blocked,
                **({"look": seen.get(shot.name)} if seen else {}),
            }
            for shot in result.shots
        ],
        "skipped": [{"name": event.name, "reason": reason} for event, reason in result.skipped],
        "warnings": [asdict(warning) for warning in every_warning(result)],
    }


def _script_json(lines: Sequence[Line]) -> dict[str, Any]:
    """A shot's lines in the script, under "script"; empty where the script has none."""
    scripted = {
        line.name: {"text": line.text, "on_screen": line.on_screen, "unchecked": line.unchecked}
        for line in lines if line.text or line.on_screen
    }  # fmt: skip
    return {"script": scripted} if scripted else {}


def _span_json(frames: FrameRange) -> dict[str, int]:
    return {"start": frames.start, "stop": frames.stop}


def warning_line(warning: ProjectWarning) -> str:
    """One warning as text; "!" before one that blocks."""
    mark = "!" if warning.blocking else "?"
    hint = f"  ({warning.hint})" if warning.hint else ""
    return f"  {mark} {warning.about}: {warning.message}{hint}"


# -- shots ---------------------------------------------------------------------------------


def shots_text(results: Sequence[ShotResult]) -> str:
    """A table of shots with their status, the sources of their mouths, warnings and hints."""
    from dubsync.service.render.mouth_sources import mouths_lines

    rows = [
        (
            result.name,
            result.status,
            len(result.rendered.frames) if result.rendered else "-",
            result.rendered.frames_changed if result.rendered else "-",
            result.rendered.samples_changed_outside_matte if result.rendered else "-",
            result.rendered.picture if result.rendered else result.reason,
        )
        for result in results
    ]
    head = ("shot", "status", "frames", "frames changed", "pixels changed outside matte",
            "picture or reason")  # fmt: skip
    lines = [table(head, rows)]
    for result in (r for r in results if r.rendered):
        mouths = mouths_lines(result.rendered.mouths) if result.rendered else []
        lines += [f"  {result.name}, mouth of {line}" for line in mouths]
    warnings = dict.fromkeys(warning for result in results for warning in result.warnings)
    lines += [warning_line(warning) for warning in warnings]
    hints = dict.fromkeys(r.hint for r in results if r.hint and r.status != "done")
    lines += [f"  Try: {hint}" for hint in hints]
    return "\n".join(lines)


def shots_json(results: Sequence[ShotResult]) -> list[dict[str, object]]:
    """The `shots` list of sync, run and clip."""
    from dubsync.service.render.shot_json import reported

    return [reported(result) for result in results]


def shot_line(result: ShotResult) -> str:
    """One line for one finished shot."""
    why = f": {result.reason}" if result.reason else ""
    picks = result.rendered.picks if result.rendered else {}
    used = ", ".join(f"{character}: {pick.renderer}" for character, pick in picks.items())
    return f"{result.name}: {result.status}{why}" + (f" (renderer {used})" if used else "")


# -- training ------------------------------------------------------------------------------


def trained_json(trained: Mapping[str, Trained]) -> list[dict[str, Any]]:
    """The `characters` list of train, and `trained` of run."""
    return [_trained_row(character, model) for character, model in trained.items()]


def _trained_row(character: str, model: Trained) -> dict[str, Any]:
    if isinstance(model, DubsyncError):
        failure = {"status": "failed", "reason": str(model), "hint": model.hint}
        return {"character": character, **failure}
    return {
        "character": character,
        "status": "done",
        "actor": model.digest,
        "folder": str(model.folder),
        "frames": model.training.get("frames"),
        "seconds": model.training.get("seconds"),
        "held_out": {
            "mean": {name: asdict(figures) for name, figures in model.mean.items()},
            "plates": model.facts.get("held_out", {}),
        },
        "renderer": model.pick.renderer,
        "reason": model.pick.reason,
        "strip": model.strip or None,
    }


def trained_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table of characters: scores of warp and actor on held-out frames, and which is used."""
    head = ("character", "frames", "seconds", "renderer", "perceptual distance", "PSNR dB",
            "sharpness", "used")  # fmt: skip
    lines: list[tuple[object, ...]] = []
    for row in (row for row in rows if row["status"] == "done"):
        mean = row["held_out"]["mean"]
        for name in ("warp", "actor"):
            figures = _figures(mean[name]) if name in mean else ("-", "-", "-")
            used = "used" if row.get("renderer") == name else ""
            facts = [row["character"], row.get("frames") or "-", row.get("seconds") or "-"]
            lines.append((*(facts if name == "warp" else ("", "", "")), name, *figures, used))
    reasons = [f"{row['character']}: {row['reason']}" for row in rows]
    reasons += [f"  Try: {row['hint']}" for row in rows if row.get("hint")]
    return "\n".join([table(head, lines), *reasons])


def _figures(mean: Mapping[str, float]) -> tuple[str, str, str]:
    return f"{mean['perceptual']:.4f}", f"{mean['psnr_db']:.2f}", f"{mean['sharpness']:.2f}"


# -- reports and deliveries ------------------------------------------------------------------


def report_json(report: QCReport) -> dict[str, Any]:
    """The body of `dubsync.check/1`."""
    return {
        "html": report.html,
        "json": report.json,
        "counts": report.counts,
        "unchecked": [{"name": shot, "reason": why} for shot, why in report.unchecked],
        "failed": list(report.failed),
        "findings": [asdict(finding) for finding in report.findings],
        "contacts": {shot: [asdict(c) for c in found] for shot, found in report.contacts.items()},
    }


#: Shot name -> plate frames, and whether their timecode is drop-frame.
Plates = Mapping[str, tuple[FrameRange, bool]]


def plates_of(result: Turnover) -> Plates:
    """The plate frames of each shot, to print frame numbers as timecode."""
    return {shot.name: (shot.plate.frames, shot.plate.drop) for shot in result.shots}


def report_text(report: QCReport, plates: Plates | None = None) -> str:
    """How many shots were checked, what is wrong and what to do, and the report's path."""
    from dubsync.qc.contacts.findings import untold_lines

    parts = [report.summary + "."]
    parts += [
        line
        for finding in report.findings
        if finding.verdict in ("fail", "review")
        for line in _finding_lines(finding, plates or {})
    ]
    parts += untold_lines(report)
    counts = report.counts
    if counts["shots"] and counts["pass"] == counts["shots"]:
        parts.append("All shots pass.")
    return "\n".join([*parts, f"Report: {report.html}"])


def _finding_lines(finding: Finding, plates: Plates) -> list[str]:
    """What is wrong, by how much against which limit, in which frames, and what to do."""
    of = f" ({finding.character})" if finding.character else ""
    worst = _worst_frames(finding, plates)
    note = f" ({finding.note})" if finding.note and finding.value is not None else ""
    lines = [
        f"{finding.shot}: {finding.verdict}: {finding.measure}{of}",
        f"  {finding.message}; limit: {finding.limit}{note}",
        f"  worst plate frames: {worst or 'the whole shot'}",
    ]
    return [*lines, f"  {finding.remedy}"] if finding.remedy else lines


def _worst_frames(finding: Finding, plates: Plates) -> str:
    """Frame numbers and source timecode: "884832..884833 (10:14:28:00)"."""
    if finding.frames is None:
        return ""
    numbers = "..".join(str(frame) for frame in dict.fromkeys(finding.frames))
    if finding.shot not in plates:
        return numbers
    plate, drop = plates[finding.shot]
    first = finding.frames[0]
    if plate.rate not in TIMECODE_RATES or first < 0:
        return numbers
    return f"{numbers} ({Timecode(first, plate.rate, drop)})"


def clip_json(made: ClipResult) -> dict[str, Any]:
    """The body of `dubsync.clip/1`."""
    from dubsync.service.faces.dubbed_faces import dubbed_json

    return {
        "out": made.out,
        "master": made.master,
        "playable": made.playable,
        "reduced": made.reduced,
        "shots": shots_json([made.shot]),
        **dubbed_json(made.dubbed, made.left, made.others),
        "report": report_json(made.report) if made.report else None,
        "project": made.project or None,
    }


def clip_text(made: ClipResult) -> str:
    """A synced clip as text."""
    from dubsync.service.faces.dubbed_faces import dubbed_text

    lines = [shots_text([made.shot])]
    if made.report:
        lines.append(report_text(made.report))
    lines.append(dubbed_text(made.dubbed, made.left, made.others))
    reduced = "".join(f"; {one}" for one in made.reduced)
    lines.append(f"To play: {made.playable} (H.264 and AAC{reduced})")
    lines.append(f"Lossless master: {made.master}")
    if made.project:
        lines.append(f"Project: {made.project} (shot {made.shot.name}; dubsync tweak, run, desk)")
    return "\n".join(lines)


def evaluation_text(figures: Mapping[str, Any]) -> str:
    """A table with a row for each measure and a column for each renderer."""
    renderers = figures["renderers"]
    rows = [
        [key, *(_figure(row[key]) for row in renderers.values())]
        for key in next(iter(renderers.values()))
    ]
    lines = [
        f"Trained on {figures['train_frames']} frames of {figures['clip']}, "
        f"evaluated on {figures['test_frames']} frames of {figures['held_out'] or 'the same clip'}",
        table(["measure", *renderers], rows),
    ]
    lines += [f"{name} was not trained: {why}" for name, why in figures["untrained"].items()]
    return "\n".join([*lines, f"Strip: {figures['strip']}"])


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.4f}" if value < 1 else f"{value:.2f}"
