"""`dubsync plugins`: put plugins into editing systems, list them, take them out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, folder_path, print_json, verb
from dubsync.core.plural import counted

if TYPE_CHECKING:
    from dubsync.service.host_plugins.catalogue import HostPlugin
    from dubsync.service.host_plugins.installing import Installed


@click.command(short_help="Put plugins into editing systems, list or remove them.")
@click.argument("action", type=click.Choice(["list", "install", "remove"]), metavar="ACTION")
@click.argument("host", required=False)
@click.option("--into", type=folder_path, help="The host's folder; default: where it has its own.")
@click.option("--dry-run", is_flag=True, help="Only report what would be done.")
@as_json_option
@verb
def plugins(action: str, host: str | None, into: Path | None, dry_run: bool, as_json: bool) -> None:
    """Install or remove the plugin of HOST, or list all: ACTION is list, install or remove.

    \b
    dubsync plugins list
    dubsync plugins install resolve --dry-run
    dubsync plugins remove resolve

    Files that you changed are left as they are; a file that is not dubsync's is never replaced.
    """
    from dubsync.service.host_plugins.catalogue import known_plugins, plugin
    from dubsync.service.host_plugins.installing import install, installed, remove
    from dubsync.service.host_plugins.places import folders_of, remember

    if action == "list":
        if host or dry_run:
            raise click.UsageError("list takes neither HOST nor --dry-run")
        known = known_plugins()
        found = {
            name: installed(one, [into.absolute()] if into else folders_of(one))
            for name, one in known.items()
        }
        _list(known, found, as_json)
        return
    if not host:
        raise click.UsageError(f"name the host: dubsync plugins {action} HOST")
    one = plugin(host)
    if action == "install":
        folders = (into.expanduser().absolute(),) if into else one.host_folders()
        made = [install(one, folder, dry_run=dry_run) for folder in folders]
        if into and not dry_run:
            remember(host, folders[0])
    else:
        there = [into.absolute()] if into else [p.folder for p in installed(one, folders_of(one))]
        made = [remove(host, folder, dry_run=dry_run) for folder in there or one.host_folders()]
    if as_json:
        body = {"action": action, "host": host, "dry_run": dry_run,
                "folders": [_json(done) for done in made]}  # fmt: skip
        print_json("dubsync.plugins/1", body)
    else:
        click.echo(_text(action, one, made, dry_run))


def _list(
    known: dict[str, HostPlugin], found: dict[str, tuple[Installed, ...]], as_json: bool
) -> None:
    if as_json:
        rows = [{"host": name, "label": one.label, "version": one.version,
                 "folders": [_json(done) for done in found[name]]}
                for name, one in known.items()]  # fmt: skip
        print_json("dubsync.plugins/1", {"plugins": rows})
        return
    rows_shown = []
    for name, one in known.items():
        for there in found[name] or (None,):
            state = "-"
            if there is not None:
                state = "installed" if there.current else "older: install again"
            if there is not None and there.kept:
                state += f"; you changed {', '.join(there.kept)}"
            rows_shown.append((name, one.label, state, str(there.folder) if there else "-"))
    click.echo(table(("host", "editing system", "state", "folder"), rows_shown))


def _json(done: Installed) -> dict[str, Any]:
    return {
        "folder": str(done.folder), "version": done.version, "written": list(done.written),
        "removed": list(done.removed), "kept": list(done.kept), "current": done.current,
    }  # fmt: skip


def _text(action: str, one: HostPlugin, made: list[Installed], dry_run: bool) -> str:
    lines = []
    for done in made:
        names = done.written if action == "install" else done.removed
        doing = {"install": ("Copied", "Would copy"), "remove": ("Removed", "Would remove")}[action]
        lines.append(f"{doing[dry_run]} {counted(len(names), 'file')}: {done.folder}")
        if dry_run:
            lines += [f"  {name}" for name in names]
        lines += [f"  kept, because you changed it: {name}" for name in done.kept]
        if action == "install":
            lines += [f"  removed: {name}" for name in done.removed]
    if action == "install" and one.then and not dry_run:
        folder = str(made[0].folder) if made else "FOLDER"
        lines.append("Next: " + one.then.replace("FOLDER", folder))
    return "\n".join(lines)
