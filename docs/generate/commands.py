"""Every verb of the `dubsync` command with its arguments and options, from click."""

from __future__ import annotations

import inspect
import re

import click

from docs.generate.blocks import table
from dubsync.cli.main import main

#: Verbs in the order in which a reel meets them; a verb that is not named here comes last.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Set up", ("new", "cut", "turnover", "transcribe", "consent", "keys")),
    ("Render", ("run", "train", "sync", "task", "submit", "farm-task", "clip", "portrait", "live")),
    ("Check", ("status", "check", "review", "triage", "coverage", "expressions")),
    ("Change", ("tweak", "recut", "align")),
    ("Deliver", ("deliver",)),
    ("Inspect files", ("probe", "cutdiff", "script")),
    ("Measure", ("evaluate",)),
)


def verbs() -> dict[str, click.Command]:
    """Verb -> its click command, in the order of GROUPS."""
    known = [name for _, group in GROUPS for name in group]
    order = [name for name in known if name in main.commands]
    order += sorted(set(main.commands) - set(order))
    return {name: main.commands[name] for name in order}


def commands() -> str:
    """The generated part: a table of all verbs, the options of `dubsync`, a section a verb."""
    grouped = {name: group for group, names in GROUPS for name in names}
    rows = [
        (f"[`{name}`](#{name})", grouped.get(name, "Other"), _first_sentence(verb))
        for name, verb in verbs().items()
    ]
    parts = [
        table(("verb", "used to", "what it does"), rows),
        "## Options of `dubsync`",
        _options(main),
        *(_section(name, verb) for name, verb in verbs().items()),
    ]
    return "\n\n".join(parts)


def _section(name: str, verb: click.Command) -> str:
    context = click.Context(verb, info_name=f"dubsync {name}")
    usage = " ".join(verb.collect_usage_pieces(context))
    return "\n\n".join([f"## {name}", f"    dubsync {name} {usage}", _help(verb), _options(verb)])


def _help(verb: click.Command) -> str:
    """The verb's help as Markdown: paragraphs are rewrapped, those after \\b are kept."""
    text = inspect.cleandoc(verb.help or "")
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n\n".join(_paragraph(paragraph) for paragraph in paragraphs)


def _paragraph(text: str) -> str:
    """One paragraph; a run of example options, set apart by spaces, becomes a code block."""
    if text.startswith("\b"):
        return "\n".join(f"    {line}" for line in text.strip("\b\n").splitlines())
    if re.match(r"--\S+ \S+\s{3}", text):
        return "\n".join(f"    {piece}" for piece in re.split(r"\s{2,}|\n", text) if piece)
    return _escaped(" ".join(text.split()))


def _options(verb: click.Command) -> str:
    """A table of arguments and options; each carries its name, values, meaning and default."""
    rows = []
    for parameter in verb.params:
        if isinstance(parameter, click.Argument):
            meaning = "required" if parameter.required else "optional"
            rows.append((f"`{parameter.make_metavar(click.Context(verb))}`", meaning, ""))
        elif isinstance(parameter, click.Option):
            rows.append(_option(verb, parameter))
    rows.append(("`-h`, `--help`", "Show the help of this verb and exit.", ""))
    return table(("argument or option", "meaning", "default"), rows)


def _option(verb: click.Command, option: click.Option) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in sorted(option.opts, key=len))
    context = click.Context(verb)
    if not option.is_flag:
        names += f" `{option.make_metavar(context)}`"
    meaning = _escaped(option.help or "")
    if option.required:
        meaning = f"{meaning} Required."
    if option.multiple:
        meaning = f"{meaning} May be given several times."
    shown = option.get_default(context)
    plain = isinstance(shown, str | int | float) and not option.is_flag and not option.multiple
    return names, meaning, f"`{shown}`" if plain and shown not in ("", 0) else ""


def _first_sentence(verb: click.Command) -> str:
    text = " ".join(inspect.cleandoc(verb.help or "").split("\n\n")[0].split())
    return _escaped(re.split(r"(?<=\.)\s", text)[0])


def _escaped(text: str) -> str:
    """Words of the help that Markdown would take for markup, as code: --options and CAPITALS."""
    text = text.replace("<", "&lt;").replace("*", "\\*")
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(
        piece if piece.startswith("`") else re.sub(r"(?<!\w)(--[a-z][\w-]*)", r"`\1`", piece)
        for piece in pieces
    )
