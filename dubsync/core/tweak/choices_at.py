"""A choice changed where a hand stands: in the span over a frame, else throughout."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dubsync.core.tweak.choices import Choice, ChoiceSpan
from dubsync.core.tweak.tweak import Tweak


@dataclass(frozen=True, slots=True)
class ChosenAt:
    """A changed Tweak, and the change as `dubsync tweak` would be asked for it."""

    tweak: Tweak
    request: str


def chosen_at(tweak: Tweak, name: str, frame: int, value: str) -> ChosenAt:
    """The choice at `value` in the span over the frame; where there is none, in all other frames.

    Raises:
        SettingsError: `value` is none that the choice has.
    """
    choice: Choice = getattr(tweak, name)
    span = choice.span_at(frame)
    if span is not None:
        return chosen_over(tweak, name, span.first, span.last, value)
    chosen = tweak.chosen(name, value)
    kept: dict[str, Any] = {name: replace(choice, value=getattr(chosen, name).value)}
    return ChosenAt(replace(tweak, **kept), f"{name}={value}")


def chosen_over(tweak: Tweak, name: str, first: int, last: int, value: str) -> ChosenAt:
    """The choice at `value` over frames `first` to `last`.  Raises SettingsError."""
    return ChosenAt(tweak.chosen(name, value, first, last), f"{name}={value}@{first}..{last}")


def span_moved(tweak: Tweak, name: str, span: ChoiceSpan, first: int, last: int) -> ChosenAt:
    """A span of the choice over other frames.  Raises SettingsError where they run backwards."""
    choice: Choice = getattr(tweak, name)
    spans = tuple(replace(s, first=first, last=last) if s == span else s for s in choice.spans)
    moved: dict[str, Any] = {name: replace(choice, spans=spans)}
    return ChosenAt(replace(tweak, **moved), f"{name}={span.value}@{first}..{last}")


def without_span(tweak: Tweak, name: str, span: ChoiceSpan) -> ChosenAt:
    """The choice without one of its spans."""
    choice: Choice = getattr(tweak, name)
    fewer: dict[str, Any] = {
        name: replace(choice, spans=tuple(s for s in choice.spans if s != span))
    }
    return ChosenAt(replace(tweak, **fewer), f"clear {name} @{span.first}..{span.last}")
