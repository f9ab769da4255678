"""The change list as a page to print: totals, both cuts as bars, then the list of events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from math import ceil
from typing import TYPE_CHECKING

from dubsync.core.timeline.change import FALLS, KINDS, LAY, LIPS, Change, ChangeList, Use
from dubsync.core.timeline.change_rows import rows
from dubsync.core.timeline.probed import frame_text

if TYPE_CHECKING:
    from jinja2 import Template

WIDTH, BAR, GAP, LINE = 1160, 26, 22, 104  #: of the drawing, pixels; LINE from one to the next
LEFT = 34
MOST_LINES, EVENTS_A_LINE = 24, 36
#: Width of a character in the bars: a bar that is too narrow for its event number has none.
_CHARACTER = 6.2


@dataclass(frozen=True, slots=True)
class _Window:
    """The record time that one line of bars shows, in frames from the start of each cut."""

    start: int
    stop: int

    def x(self, frame: float) -> float:
        share = (frame - self.start) / (self.stop - self.start)
        return LEFT + (WIDTH - LEFT) * min(max(share, 0), 1)

    def shows(self, start: int, stop: int) -> bool:
        return start < self.stop and stop > self.start


def change_page(result: ChangeList) -> str:
    """The page, self-contained: no script, and no external font or picture."""
    from markupsafe import Markup

    return _template().render(
        result=result,
        kinds=[kind for kind in reversed(KINDS) if kind in result.totals],
        rows=list(rows(result.changes)),
        bars=Markup(bars(result)),
        spans=[_span(result, n) for n in (0, 1)],
        fresh=sum(change.fresh for change in result.changes),
        dub=[sum(c.dub == kind for c in result.changes) for kind in (LIPS, LAY, FALLS)],
    )  # fmt: skip


def bars(result: ChangeList) -> str:
    """Old cut above new cut as inline SVG, in lines of equal time; an event's two bars are joined.

    Both are drawn on one clock, unless they have no time in common: then each from its own start.
    """
    apart = not _share_time(result)
    origin = [span.start if apart else min(s.start for s in result.spans) for span in result.spans]
    length = max(s.stop - o for s, o in zip(result.spans, origin, strict=True))
    lines = min(MOST_LINES, max(1, ceil(len(result.changes) / EVENTS_A_LINE)))
    step = ceil(length / lines)
    body = "".join(
        _line(result, _Window(n * step, (n + 1) * step), origin, n) for n in range(lines)
    )
    return (
        f'<svg class="bars" viewBox="0 0 {WIDTH} {lines * LINE}" role="img" '
        f'aria-label="both cuts as bars">{body}</svg>'
    )


def _share_time(result: ChangeList) -> bool:
    old, new = result.spans
    return old.start < new.stop and new.start < old.stop


def _line(result: ChangeList, window: _Window, origin: list[int], n: int) -> str:
    tops = n * LINE + 16, n * LINE + 16 + BAR + GAP
    drawn = [_label("old", tops[0]), _label("new", tops[1]), _clock(result, window, origin, n)]
    for change in result.changes:
        for side, use in enumerate((change.old, change.new)):
            if use is not None:
                drawn += _bar(change, use, window, origin[side], tops[side])
        if change.old and change.new and change.kind != "same":
            drawn += _joint(change, window, origin, tops)
    return "".join(drawn)


def _label(text: str, top: int) -> str:
    return f'<text x="0" y="{top + BAR - 8}">{text}</text>'


def _clock(result: ChangeList, window: _Window, origin: list[int], n: int) -> str:
    text = frame_text(result.rate * 0 + window.start + origin[1], result.rate, result.drop[1])
    return f'<text class="tc" x="{LEFT}" y="{n * LINE + 11}">{escape(text)}</text>'


def _bar(change: Change, use: Use, window: _Window, origin: int, top: int) -> Iterator[str]:
    start, stop = use.record.start - origin, use.record.stop - origin
    if not window.shows(start, stop):
        return
    left, right = window.x(start), window.x(stop)
    width = max(right - left - 0.6, 0.6)
    title = escape(f"{use.number} {use.name}: {change.words}  {' '.join(use.record_text)}")
    yield (
        f'<rect class="k-{change.kind}" x="{left:.1f}" y="{top}" width="{width:.1f}" '
        f'height="{BAR}"><title>{title}</title></rect>'
    )
    if width > _CHARACTER * len(use.number) + 4:
        yield f'<text class="n" x="{left + 3:.1f}" y="{top + BAR - 9}">{escape(use.number)}</text>'


def _joint(change: Change, window: _Window, origin: list[int], tops: tuple[int, int]) -> list[str]:
    assert change.old is not None and change.new is not None
    ends = [(u.record.start - o, u.record.stop - o)
            for u, o in zip((change.old, change.new), origin, strict=True)]  # fmt: skip
    if not all(window.shows(*pair) for pair in ends):
        return []
    (a, b), (c, d) = ((window.x(start), window.x(stop)) for start, stop in ends)
    above, below = tops[0] + BAR, tops[1]
    points = f"{a:.1f},{above} {b:.1f},{above} {d:.1f},{below} {c:.1f},{below}"
    return [f'<polygon class="j k-{change.kind}" points="{points}"/>']


def _span(result: ChangeList, side: int) -> str:
    span, drop = result.spans[side], result.drop[side]
    ends = [frame_text(result.rate * 0 + f, result.rate, drop) for f in (span.start, span.stop)]
    return f"{ends[0]} to {ends[1]}, {len(span)} frames"


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("dubsync", "qc"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("change_list.html")
