"""Starts the panel from Resolve's script menu."""

import sys

from dubsync_link import problems
from dubsync_link.client import Client, read_command
from dubsync_link.flow import Flow

from dubsync_resolve.adapter import ResolveHost


def find_resolve(names):
    """The resolve object, from what Resolve gave the script; None: it is not running inside.

    The free version lets only scripts from its own menu in, which find `resolve`, `app` or `bmd`
    among their names; Studio also answers from outside, where DaVinciResolveScript is on the path.
    """
    if names.get("resolve"):
        return names["resolve"]
    for name in ("app", "fusion", "fu"):
        ask = getattr(names.get(name), "GetResolve", None)
        found = ask() if callable(ask) else None
        if found:
            return found
    bmd = names.get("bmd")
    if bmd is None:
        try:
            import DaVinciResolveScript as bmd  # noqa: N813
        except ImportError:
            return None
    return bmd.scriptapp("Resolve")


def make_flow(resolve, home):
    """The flow of this sitting.  Raises Problem: the command file is damaged."""
    command, environment = read_command(home)
    host = ResolveHost(resolve)
    return Flow(host, Client(command, "resolve", environment=environment))


def main(names, home):
    """Open the panel, and stay until it is closed."""
    resolve = find_resolve(names)
    if resolve is None:
        sys.stderr.write("dubsync: start this script from Workspace > Scripts in Resolve.\n")
        return
    try:
        flow = make_flow(resolve, home)
    except problems.Problem as problem:
        sys.stderr.write("dubsync: " + problem.text() + "\n")
        return
    fusion = names.get("fusion") or names.get("fu") or resolve.Fusion()
    manager = getattr(fusion, "UIManager", None)
    try:
        if manager and names.get("bmd"):
            from dubsync_resolve.panel import run

            run(flow, fusion, manager, names["bmd"])
        else:
            from dubsync_resolve.tk_panel import run

            run(flow)
    finally:
        flow.close()
