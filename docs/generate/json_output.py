"""Exit codes of the command, and the schema name in every JSON object that dubsync writes."""

from __future__ import annotations

import re
from pathlib import Path

from docs.generate.blocks import table
from docs.generate.commands import verbs
from dubsync.cli import verb

_SCHEMA = re.compile(r'"(dubsync\.\w+/\d+)"')
_PACKAGE = Path(__file__).parents[2] / "dubsync"
_CODES = (
    ("DONE", "Done."),
    ("FAILED", "Refused or failed; some shots may be done."),
    ("USAGE", "The command line is wrong."),
    ("QC_FAILED", "A measure is past its limit, or `deliver --strict` would lose something."),
    ("CANCELLED", "Stopped with Ctrl-C. What was finished is kept."),
)


def exit_codes() -> str:
    """The generated part: a table of exit codes."""
    rows = [(f"{getattr(verb, name)}", meaning) for name, meaning in _CODES]
    return table(("exit code", "meaning"), rows)


def schemas() -> str:
    """The generated part: a table of schema names, and what writes each."""
    rows = [(f"`{name}`", _source(name)) for name in schema_names()]
    return table(("schema", "written by"), rows)


def schema_names() -> list[str]:
    """Every schema name in the code, sorted."""
    result: set[str] = set()
    for path in _PACKAGE.rglob("*.py"):
        result |= set(_SCHEMA.findall(path.read_text(encoding="utf-8")))
    return sorted(result)


def _source(schema: str) -> str:
    name = schema.removeprefix("dubsync.").partition("/")[0]
    if name in verbs():
        return f"[`dubsync {name} --json`](commands.md#{name})"
    return {
        "credentials": "dubsync's own assertions in C2PA manifests: `org.dubsync.shot` and others",
        "hashes": "each render that is a sequence: NAME.hashes.json, its frames and digests",
        "actor": "each learned actor, in the project's derived data",
        "deleted": "a version whose media were deleted: renders/SHOT/vNNN/deleted.json",
        "space": "[`dubsync status --space --json`](commands.md#status)",
        "edit": "each render that has edit media: edit/CODEC_CONTAINER/edit.json",
        "farm_shots": "`dubsync submit`: shots.json of a job's bundle, its tasks by number",
        "error": "any verb with `--json` that is refused; `kind` `Fault`: unexpected",
        "head": "each learned head, in the project's derived data",
        "ledger": "each line of ledger.jsonl, in a project whose house has a key",
        "live_record": "`dubsync live`: the record of a run, beside its movie or in the folder",
        "host_plugin": "`dubsync plugins install`: the manifest in the host's folder",
        "house_base": "`dubsync base teach`: card.json of a base, in the folder of bases",
        "house_key": "`dubsync keys`: the facts of a key, in the folder of keys",
        "key_in_use": "`dubsync keys`: which key signs, in the folder of keys",
        "countersignature": "`dubsync consent --countersign`: consent/NAME.toml.signed",
        "purge": "`dubsync consent --purge`: consent/receipts/purge_vNNN.json",
        "disclosure": "`dubsync disclose`: disclosure/vNNN/NAME_disclosure.json",
        "delivery_proof": "`dubsync deliver`, with a house key: delivery/vNNN/proof/delivery.json",
        "consents": "`dubsync deliver`, with a house key: delivery/vNNN/proof/consents.json",
        "draft": "`dubsync sync --draft`: reports/draft/SHOT/vNNN.json",
        "judgement": "`dubsync approve` and `reject`: judgements/SHOT/vNNN.json",
        "note_marker": "metadata of a note's marker in a delivered .otio",
        "notes_from": "[`dubsync notes-from --json`](commands.md#notes-from)",
        "note_version": "`dubsync note`: notes/NNNNN/vNNN.json",
        "portrait_record": "each portrait: the provenance record beside it",
        "preset": "`dubsync tweak --save-preset`: presets/NAME/vNNN.json",
        "qc": "`dubsync check`, beside the HTML report",
        "reel_review": "[`dubsync review --json`](commands.md#review) without SHOT",
        "record": "each render: the provenance record beside it",
        "render": "metadata of a render in a delivered .otio",
        "track": "metadata of a track that an .otio master has for clips of their own",
        "tweaks": "`dubsync tweak`: tweaks/SHOT/vNNN.json",
        "vfx": "`dubsync deliver --as vfx`: the record in each shot's folder",
        "vfx_parameters": "`dubsync deliver --as vfx`: parameters of each character, a row a frame",
        "tasks": "[`dubsync task --json`](commands.md#task) without a task",
        "progress": "`run`, `sync`, `check` with `--json` and several `--jobs`, on standard error",
        "training": "each learned or trained model: training.record.json",
    }.get(name, "")
