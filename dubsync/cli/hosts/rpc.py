"""`dubsync rpc`: answer a plugin in an editing system."""

from __future__ import annotations

import os
import sys

import click

from dubsync.cli.verb import engines_option, verb


@click.command(short_help="Answer a plugin in an editing system, over standard input and output.")
@engines_option
@verb
def rpc() -> None:
    """Answer calls of JSON-RPC 2.0, one JSON object a line, until standard input is closed.

    Plugins start it; see docs/reference/rpc.md.  Standard output carries the protocol alone.
    """
    from dubsync.service.rpc.serve import serve

    # What libraries print must not come among the answers.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, output)
    sys.stderr.flush()
    os._exit(0)  # without what libraries do at their end, for which a host would wait
