"""The sound drive's tables, today's product and the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.table import Table

from benchmarks.drive.clips import CLIPS
from benchmarks.drive.figures import Figures, Row, means
from benchmarks.drive.goals import Goal
from benchmarks.drive.level import LevelRow
from benchmarks.drive.said import LIMITS, SaidRow
from benchmarks.drive.sound import LEARNING_CURVE, NEVER_SEEN
from benchmarks.drive.stems import StemRow
from benchmarks.drive.trials import ALL_RULES, NO_RULES

BEFORE, NOW = "before", "now"
#: Column -> how its figures are written.
CORRELATIONS = ("opening", "10-90 %", "width", "jaw", "lag ms")
CONTACTS = ("hit", "closures", "real", "closings", "shut", "real shut")
RANGE = ("deviation", "loud", "soft", "tenth", "real tenth")
SILENCE = ("moving", "silent", "pause", "real pause", "off")

Known = Sequence[tuple[str, Row]]  #: BEFORE or NOW, and a row of it


def tables(
    now: Sequence[Row], before: Sequence[Row], *, only_means: bool = False
) -> Iterator[Table]:
    """One table of correlations for each kind of trial, and one of the rest; then by language."""
    both: Known = [*((BEFORE, row) for row in before), *((NOW, row) for row in now)]
    kinds = dict.fromkeys(row.table for row in now)
    for kind in kinds:
        if kind == LEARNING_CURVE:
            yield _curve([each for each in both if each[1].table == kind])
            continue
        known = [each for each in both if each[1].table == kind]
        rules = (NO_RULES, ALL_RULES)
        yield _table(f"{kind}: correlations", known, CORRELATIONS, rules, only_means)
        for what, columns in (("contacts", CONTACTS), ("range and silence", RANGE + SILENCE)):
            yield _table(f"{kind}: {what}", known, columns, (ALL_RULES,), only_means)
    if kinds:
        yield _languages(both)


def _table(
    title: str, known: Known, columns: Sequence[str], rules: Sequence[str], only_means: bool
) -> Table:
    shown = _empty(title, ("set", "learnt from", "measured on", "", "by"), columns)
    keys = dict.fromkeys(
        (row.group, row.learnt, row.tested, row.by) for when, row in known if when == NOW
    )
    for group in dict.fromkeys(key[0] for key in keys):
        for key in (key for key in keys if key[0] == group and key[3] in rules):
            for when, row in () if only_means else known:
                if (row.group, row.learnt, row.tested, row.by) == key:
                    _add(shown, (group, *map(_short, key[1:3]), when, key[3]), row.figures, columns)
        for by in rules:
            for when in (BEFORE, NOW):
                each = _of(known, when, group, by, keys)
                if each:
                    names = (group, "", f"mean of {len(each)}", when, by)
                    _add(shown, names, means(each), columns, "bold")
        shown.add_section()
    return shown


def _of(
    known: Known, when: str, group: str, by: str, keys: dict[tuple[str, str, str, str], None]
) -> list[Figures]:
    """Figures of a set, of trials that are measured today."""
    return [
        row.figures
        for then, row in known
        if then == when and (row.group, row.learnt, row.tested, row.by) in keys
        if (row.group, row.by) == (group, by)
    ]


def _curve(known: Known) -> Table:
    """Opening, width and jaw by seconds of speech learnt from."""
    groups = list(dict.fromkeys(row.group for _, row in known))
    groups.sort(key=lambda group: float(group.split()[0].replace("all", "999")))
    steps = dict.fromkeys("all" if group.startswith("all") else group for group in groups)
    shown = _empty("learning curve: opening width jaw", ("learnt from", "measured on", "", "by"),
                   tuple(steps))  # fmt: skip
    pairs = dict.fromkeys((row.learnt, row.tested) for when, row in known if when == NOW)
    for pair in pairs:
        for by in (NO_RULES, ALL_RULES):
            for when in (BEFORE, NOW):
                cells = {step: "-" for step in steps}
                for then, row in known:
                    if (then, row.by, row.learnt, row.tested) == (when, by, *pair):
                        f = row.figures
                        step = "all" if row.group.startswith("all") else row.group
                        cells[step] = " ".join(map(_two, (f.opening, f.width, f.jaw)))
                shown.add_row(*map(_short, pair), when, by, *cells.values())
    return shown


def _languages(both: Known) -> Table:
    """Never-seen mouths by language of the speech."""
    shown = _empty("by language, never seen", ("language", "clips", "", "by"),
                   ("opening", "width", "jaw", "hit", "real", "shut"))  # fmt: skip
    languages = dict.fromkeys(clip.language for clip in CLIPS.values())
    today = {row.tested for when, row in both if (when, row.table) == (NOW, NEVER_SEEN)}
    for language in languages:
        for by in (NO_RULES, ALL_RULES):
            for when in (BEFORE, NOW):
                each = [
                    row.figures
                    for then, row in both
                    if (then, row.table, row.by) == (when, NEVER_SEEN, by)
                    and row.tested in today
                    and CLIPS[row.tested].language == language
                ]
                if each:
                    columns = ("opening", "width", "jaw", "hit", "real", "shut")
                    names = (language, str(len(each)), when, by)
                    _add(shown, names, means(each), columns)
    return shown


def level_table(rows: Sequence[LevelRow], before: Sequence[LevelRow]) -> Table:
    """The same sound at other levels."""
    shown = _empty("the same sound at another level", ("clip", ""),
                   ("dB", "alike", "off", "deviation"))  # fmt: skip
    for when, several in ((BEFORE, before), (NOW, rows)):
        for row in several:
            shown.add_row(_short(row.clip), when, f"{row.decibels:+.0f}", f"{row.alike:.3f}",
                          f"{row.off:.3f}", f"{row.deviation:.2f}")  # fmt: skip
    return shown


def stem_table(rows: Sequence[StemRow], before: Sequence[StemRow]) -> Table:
    """Time and memory of long stems."""
    columns = ("read", "heard", "ms per s", "driven", "MB before", "MB heard", "MB driven")
    shown = _empty("stems: seconds of one core; memory at most", ("minutes", ""), columns)
    for when, several in ((BEFORE, before), (NOW, rows)):
        for row in several:
            driven = "-" if row.driven_s is None else f"{row.driven_s:.1f}"
            shown.add_row(f"{row.minutes:g}", when, f"{row.read_s:.1f}", f"{row.heard_s:.1f}",
                          f"{1000 * row.heard_s / row.minutes / 60:.1f}", driven,
                          f"{row.base_mb:.0f}", f"{row.heard_mb:.0f}",
                          f"{row.peak_mb:.0f}")  # fmt: skip
    return shown


def said_table(rows: Sequence[SaidRow]) -> Table:
    """Where the words say m, b or p: how far real lips shut."""
    shown = _empty("m, b, p by the words: real lips beside", ("clip",),
                   ("count", *(f"below {limit:g}" for limit in LIMITS), "least"))  # fmt: skip
    for row in rows:
        shown.add_row(_short(row.clip), str(row.count), *map(_two, row.beside), _two(row.least))
    total = max(sum(row.count for row in rows), 1)
    every = (sum(row.beside[n] * row.count for row in rows) / total for n in range(len(LIMITS)))
    shown.add_row("all", str(total), *map(_two, every), "", style="bold")
    return shown


def goal_table(several: Sequence[Goal]) -> Table:
    """What was wanted, what was reached."""
    shown = _empty("goals", ("of",), ("wanted", "reached", ""))
    for goal in several:
        shown.add_row(goal.of, goal.wanted, goal.reached, "reached" if goal.met else "MISSED")
    return shown


def _empty(title: str, names: Sequence[str], columns: Sequence[str]) -> Table:
    shown = Table(title=title)
    for name in names:
        shown.add_column(name)
    for name in columns:
        shown.add_column(name, justify="right")
    return shown


def _add(
    shown: Table, names: Sequence[str], of: Figures, columns: Sequence[str], style: str = ""
) -> None:
    cells = {
        "opening": _two(of.opening), "width": _two(of.width), "jaw": _two(of.jaw),
        "10-90 %": f"{_two(of.low)}-{_two(of.high)}",
        "lag ms": "-" if of.lag_ms is None else f"{of.lag_ms:+.0f}",
        "hit": _two(of.hit), "closures": str(of.closures),
        "real": _two(of.real), "closings": str(of.closings),
        "shut": _three(of.shut), "real shut": _three(of.shut_real),
        "deviation": f"{of.deviation:.2f}", "loud": f"{of.loud:.2f}", "soft": f"{of.soft:.2f}",
        "tenth": _two(of.tenth), "real tenth": _two(of.tenth_real),
        "moving": _three(of.moving), "silent": str(of.silent),
        "pause": _two(of.pause), "real pause": _two(of.pause_real), "off": _two(of.pause_off),
    }  # fmt: skip
    shown.add_row(*names, *(cells[name] for name in columns), style=style)


def _short(name: str) -> str:
    return Path(name).stem[:16]


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}".replace("0.", ".", 1)


def _three(value: float) -> str:
    return f"{value:.3f}".replace("0.", ".", 1)
