"""`dubsync tweak`: override the mouth movement of one shot, with keyframes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.carrying import Carrying, carry_out
from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, folder_path, verb

if TYPE_CHECKING:
    from dubsync.core.tweak.tweak import Tweak
    from dubsync.service.project import Project
    from dubsync.service.tweaks.commands import Change, ShotTweaks


@click.command(short_help="Adjust the mouth movement of shots.")
@click.argument("reel", type=folder_path)
@click.argument("shots", nargs=-1, required=True)
@click.option("--set", "settings", multiple=True, metavar="CONTROL=VALUE[@WHERE]",
              help="WHERE: FIRST..LAST, a frame (sets a key) or a line; default: the whole shot.",
)  # fmt: skip
@click.option("--like", "likes", multiple=True, metavar="WHO:EXPRESSION[=STRENGTH][@WHERE]",
              help="An expression from footage: a name of `dubsync expressions`, or a frame.",
)  # fmt: skip
@click.option("--clear", "cleared", multiple=True, metavar="CONTROL",
              help="Reset a control to its default.")  # fmt: skip
@click.option("--character", default="",
              help="Character to change; default: all dubbed characters of the shots.")  # fmt: skip
@click.option("--undo", "change", flag_value="undo", default="", help="Undo the last change.")
@click.option("--redo", "change", flag_value="redo", help="Redo the last undone change.")
@click.option("--reset", "change", flag_value="reset", help="Reset all controls.")
@click.option("--preset", default="", metavar="NAME", help="Apply a preset to the shots.")
@click.option("--copy-from", "source", default="", metavar="SHOT[:CHARACTER]",
              help="Copy the tweaks of another shot to the shots.")  # fmt: skip
@click.option("--save-preset", "saved", default="", metavar="NAME",
              help="Save the current tweaks of one shot as a preset.")  # fmt: skip
@click.option("--only", default="", metavar="CONTROLS",
              help="Save, apply or copy only these, as in jaw,closure.")  # fmt: skip
@click.option("--with-keys", is_flag=True,
              help="Apply or copy keys and spans too, counted from the shot's first frame.",
)  # fmt: skip
@click.option("--show", is_flag=True, help="Also list all available controls.")
@click.option("--takes", is_flag=True,
              help="Also list which take says each word, and which could; analyses the plates.",
)  # fmt: skip
@first_option
@as_json_option
@verb
def tweak(
    reel: Path, shots: tuple[str, ...], settings: tuple[str, ...], likes: tuple[str, ...],
    cleared: tuple[str, ...],
    character: str, change: Change, preset: str, source: str, saved: str, only: str,
    with_keys: bool, show: bool, takes: bool, languages: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """Override how a mouth moves in SHOTS; run `dubsync sync REEL SHOT` to render them.

    \b
    --set jaw=1.2@1012..1040       --set slip_ms=40
    --set viseme=m@1020            --set mix=sound@L004
    --set contact=closed@1020      (lips alone: closed, teeth, round, near)
    --set closure=0.5@01:00:02:10..01:00:03:00
    --set region=head@1012..1040   --set yaw=6@1012..1040     --set look_at=camera
    --set smile=.5                 --set blink_left=1@1020
    --set take:"word 5"=t03        --set take:"word 3..6"=sound     --clear take:"word 5"

    A frame is a plate frame, or +N counted from the first frame of the cut.  A timecode is record
    timecode, or source timecode with the prefix src:.

    Without options it lists the current settings.  Each language has its own tweaks: use
    --language de-DE, or --language all.
    """
    from dubsync.service.project import Project
    from dubsync.service.shape.shots import tweak_shots

    asked = {f"--{change}": change, "--set or --clear": settings or cleared,
             "--like": likes, "--preset": preset,
             "--copy-from": source, "--save-preset": saved}  # fmt: skip
    several = [name for name, value in asked.items() if value]
    if len(several) > 1:
        raise click.UsageError(f"{several[0]} cannot be combined with {several[1]}")
    if (only or with_keys) and not (preset or source or saved):
        raise click.UsageError("--only and --with-keys need --preset, --copy-from or --save-preset")
    wanted = Carrying(preset, source, saved, only, with_keys, character)

    def work(project: Project, names: Sequence[str]) -> Answer:
        before, said = carry_out(project, names, wanted)
        if likes:
            from dubsync.service.shape.expressions import like

            with shown() as progress:
                like(project, names, likes, character=character, progress=progress)
        lists = tweak_shots(
            project, names, settings, cleared=cleared, character=character, change=change
        )
        answers = [_answer(project, one, takes=takes) for one in lists]
        bodies = [answer.body for answer in answers]
        more = {} if len(bodies) == 1 else {"shots": bodies}
        text = "\n\n".join([*said, *(answer.text for answer in answers)])
        return Answer(bodies[0] | before | more, text)

    code = in_each(
        Project.open(reel), languages, work, schema="dubsync.tweak/1", as_json=as_json,
        shots=shots, first=True,
    )  # fmt: skip
    if show and not as_json:
        click.echo("\n" + _controls())
    return code


def _answer(project: Project, tweaks: ShotTweaks, *, takes: bool) -> Answer:
    """The tweaks of one shot, with `takes` also its words and their takes."""
    if not takes:
        return Answer(_json(tweaks), _text(tweaks))
    from dubsync.cli.takes import takes_json, takes_text
    from dubsync.service.shape.takes import comp_of

    with shown() as progress:
        comp = comp_of(project, tweaks.shot.name, progress=progress)
    text = f"{_text(tweaks)}\n\n{takes_text(comp, tweaks.drop)}"
    return Answer(_json(tweaks) | {"takes": takes_json(comp, tweaks.drop)}, text)


def _json(tweaks: ShotTweaks) -> dict[str, Any]:
    from dubsync.service.tweaks.tweak_store import tweaks_plain

    frames, source = tweaks.shot.render, tweaks.shot.source
    return {
        "shot": tweaks.shot.name,
        "version": tweaks.version.number,
        "file": tweaks.version.path or None,
        "request": list(tweaks.version.request),
        "can_undo": tweaks.version.state > 0,
        "can_redo": bool(tweaks.version.undone),
        "frames": {"first": frames.start, "last": frames.stop - 1},
        "cut": {"first": source.start, "last": source.stop - 1},
        "characters": tweaks_plain(tweaks.version.tweaks),
        "notes": list(tweaks.notes),
    }


def _text(tweaks: ShotTweaks) -> str:
    """A table of the current tweaks, and the frames of the shot."""
    from dubsync.service.tweaks.commands import frames_text

    rows = [
        (character, *row)
        for character, one in sorted(tweaks.version.tweaks.items())
        for row in _rows(one, tweaks)
    ]
    lines = [frames_text(tweaks.shot, tweaks.drop) + "."]
    if rows:
        lines += ["", table(("character", "control", "value", "plate frames", "record"), rows)]
    else:
        lines.append("No tweaks.")
    lines += [f"Note: {note}." for note in tweaks.notes]
    if tweaks.version.path:
        lines += ["", f"Version {tweaks.version.number}: {tweaks.version.path}"]
    return "\n".join(lines)


def _rows(one: Tweak, tweaks: ShotTweaks) -> Iterator[tuple[str, str, str, str]]:
    """(control, value, plate frames, record timecode) of each setting of `one`."""
    from dubsync.core.tweak.choices import CHOICES
    from dubsync.core.tweak.curve import EASE

    for name, curve in one.curves:
        if not curve.keys and (curve.constant or curve.value != _usual(name)):
            yield name, f"{curve.value:g}", "whole shot", ""
        for frame, value in curve.keys:
            yield name, f"{value:g}", f"{frame} (key)", _record(frame, frame, tweaks)
        for span in curve.spans:
            yield name, f"{span.value:g}", f"{span.first}..{span.last}", _record(
                span.first, span.last, tweaks)  # fmt: skip
    for key in one.visemes:
        yield "viseme", key.viseme, f"{key.first}..{key.last}", _record(key.first, key.last, tweaks)
    for touch in one.contacts:
        frames = f"{touch.first}..{touch.last}"
        yield "contact", touch.kind, frames, _record(touch.first, touch.last, tweaks)
    for word in one.comp:
        which = f"take of “{word.text}”" if word.text else "take of a word"
        yield which, word.source, f"{word.first}..{word.last}", _record(
            word.first, word.last, tweaks)  # fmt: skip
    if one.spoken is not None:
        yield "words", f"{len(one.spoken.words)} (dubsync words)", "whole shot", ""
    for cut in one.cut_outs:
        frames = ", ".join(str(frame) for frame, _ in cut.keys)
        state = "" if cut.shown else ", hidden"
        yield f"cut-out {cut.name}", f"{len(cut.keys[0][1])} points{state}", f"keys {frames}", ""
    if one.landmarks:
        frames = ", ".join(dict.fromkeys(str(key.frame) for key in one.landmarks))
        yield "landmarks", f"{len(one.landmarks)} by hand", f"keys {frames}", ""
    for like in one.likes:
        where = "whole shot" if like.first is None else f"{like.first}..{like.last}"
        record = "" if like.first is None or like.last is None else _record(
            like.first, like.last, tweaks)  # fmt: skip
        yield "like", f"{like.source} x {like.strength:g}", where, record
    for name in CHOICES:
        choice = getattr(one, name)
        if choice.value != CHOICES[name]:
            yield name, choice.value, "whole shot", ""
        for held in choice.spans:
            yield name, held.value, f"{held.first}..{held.last}", _record(
                held.first, held.last, tweaks)  # fmt: skip
    if one.ease != EASE:
        yield "ease", f"{one.ease} frames", "whole shot", ""


def _usual(name: str) -> float:
    from dubsync.core.tweak.controls import control

    return control(name).default


def _record(first: int, last: int, tweaks: ShotTweaks) -> str:
    """Record timecode of plate frames, or frame numbers where the rate has no timecode."""
    from dubsync.service.tweaks.commands import record_text

    ends = (record_text(frame, tweaks.shot, tweaks.drop) for frame in dict.fromkeys((first, last)))
    return "..".join(ends)


def _controls() -> str:
    """Every control with its default, range, unit and meaning."""
    from dubsync.core.tweak.controls import CONTROLS
    from dubsync.core.tweak.curve import EASE, MOST_EASE

    rows = [
        (name, f"{c.default:g}", f"{c.low:g}..{c.high:g}", c.unit, c.meaning)
        for name, c in CONTROLS.items()
    ]
    rows.append(("ease", str(EASE), f"0..{MOST_EASE}", "frames", "ramps of spans and of the dub"))
    rows.append(("viseme", "-", "phones", "", "a mouth shape: m, f, th, a, o, u ..."))
    rows.append(
        ("contact", "-", "", "", "lips alone: closed (m b p), teeth (f v), round, near (s z)")
    )
    rows.append(("region", "mouth", "", "", "what may change: mouth, face, or head"))
    rows.append(("look_at", "off", "", "", "what the eyes look at: camera, or a point: 640,360"))
    rows.append(("mix", "take", "", "", "all three shares at once: sound, or take:0.5,sound:0.5"))
    return table(("control", "default", "range", "unit", "meaning"), rows)
