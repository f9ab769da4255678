"""`dubsync rpc`: answer a plugin in an editing system."""

from __future__ import annotations

import os
import sys

import click

from dubsync.cli.verb import engines_option, verb

#: As dubsync.service.rpc.listen has it, which is not imported to show help.
PORT = 8722


@click.command(short_help="Answer a plugin in an editing system, over standard input and output.")
@click.option(
    "--listen", type=click.IntRange(0, 65535), is_flag=False, flag_value=PORT, metavar="[PORT]",
    help="Answer a panel that cannot start programs, such as Premiere's, over a WebSocket of this "
    f"machine (port {PORT}; 0: any), until Ctrl-C.",
)  # fmt: skip
@engines_option
@verb
def rpc(listen: int | None) -> None:
    """Answer calls of JSON-RPC 2.0, one JSON object a line, until standard input is closed.

    Plugins start it; see docs/reference/rpc.md.  Standard output carries the protocol alone.
    """
    if listen is not None:
        _listen(listen)
        return
    from dubsync.service.rpc.serve import serve

    # What libraries print must not come among the answers.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, output)
    sys.stderr.flush()
    os._exit(0)  # without what libraries do at their end, for which a host would wait


def _listen(port: int) -> None:
    """Answer panels over a WebSocket until Ctrl-C."""
    from dubsync.service.rpc.listen import Listener

    listener = Listener(port)
    click.echo(f"Listening on port {listener.port} of this machine. Leave this open; Ctrl-C ends.")
    try:
        listener.wait()
    except KeyboardInterrupt:
        click.echo("Ended.")
    finally:
        listener.close()
