"""python3 dubsync_mlt PROJECT: syncs clips of a Kdenlive, Shotcut or melt project.

    python3 dubsync_mlt cut.kdenlive --guide ELISE --dub ELISE_it.wav --language it-IT

The synced clips lie on a track of their own in cut_dubsync_v001.kdenlive, beside the project.
"""

import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for _folder in (
    os.path.dirname(HERE),
    os.path.join(os.path.dirname(os.path.dirname(HERE)), "link"),
):
    if _folder not in sys.path:
        sys.path.insert(0, _folder)

from dubsync_link import consent, markers, problems  # noqa: E402
from dubsync_link.client import Client, read_command  # noqa: E402
from dubsync_link.flow import Flow  # noqa: E402

from dubsync_mlt.adapter import MltHost  # noqa: E402

#: Seconds that a sync may take.
LONGEST = 7 * 24 * 3600


def main(words=None):
    """Run it; returns the exit code: 0 done, 1 something was not."""
    asked = _parser().parse_args(words)
    host = MltHost(asked.project)
    command, environment = read_command(os.path.dirname(HERE))
    flow = Flow(host, Client(command, host.host_key, environment=environment))
    try:
        return _work(flow, host, asked)
    except problems.Problem as problem:
        print(problem.text(), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        flow.cancel()
        flow.wait(60)
        _saved(host)
        return 1
    finally:
        flow.close()


def _parser():
    parser = argparse.ArgumentParser(
        "dubsync_mlt", description="Sync clips of a Kdenlive, Shotcut or melt project."
    )
    parser.add_argument("project", help="a .kdenlive or .mlt file")
    parser.add_argument("--clip", action="append", default=[], help="a clip, by its name")
    parser.add_argument("--guide", action="append", default=[], help="the clips under a guide")
    parser.add_argument("--frames", nargs=2, type=int, metavar=("FIRST", "STOP"),
                        help="the clips in a range of the timeline")  # fmt: skip
    parser.add_argument("--whole", action="store_true", help="the whole timeline")
    parser.add_argument("--dub", action="append", default=[], help="a sound file of the dub")
    parser.add_argument("--take", action="append", default=[], help="filmed takes")
    parser.add_argument("--script", default="", help="the words")
    parser.add_argument("--language", default="", help="of the dub: it-IT")
    parser.add_argument("--consent", action="append", default=[], metavar="RECORD.toml",
                        help="a performer's consent record, to copy into the reel")  # fmt: skip
    parser.add_argument("--performer", action="append", default=[], metavar="CHARACTER=ID",
                        help="who plays a character: ELISE=anna-example")  # fmt: skip
    parser.add_argument("--notes", action="store_true", help="exchange notes and markers")
    parser.add_argument("--desk", type=int, metavar="FRAME", help="open the shot there in the desk")
    return parser


def _work(flow, host, asked):
    chosen = {"dub": asked.dub, "takes": asked.take}
    chosen = {
        key: [os.path.abspath(one) for one in value] for key, value in chosen.items() if value
    }
    if asked.script:
        chosen["script"] = os.path.abspath(asked.script)
    if asked.language:
        chosen["language"] = asked.language
    if chosen:
        flow.choose(**chosen)
    if asked.performer:
        consent.choose_performers(flow, consent.read_performers(",".join(asked.performer)))
    if asked.consent:
        for one in consent.choose_records(flow, asked.consent):
            print(one)
    if asked.desk is not None:
        host.at = asked.desk
        print("opened " + (markers.open_in_desk(flow) or "the reel"))
        return 0
    if asked.notes:
        made = markers.exchange_notes(flow)
        print("{set} markers set, {kept} kept as notes".format(**made))
        for one in made["warnings"]:
            print(one, file=sys.stderr)
        return _saved(host)
    host.select(asked.clip, asked.guide, asked.frames)
    flow.changed = _shower(flow)
    flow.sync(whole=asked.whole)
    flow.wait(LONGEST)
    for one in flow.warnings:
        print(one, file=sys.stderr)
    if flow.problem is not None:
        raise flow.problem
    return _saved(host)


def _shower(flow):
    """A function that prints the progress of a flow, a line for each step."""
    last = []

    def show():
        told = flow.progress
        line = "{shot} {step} ({shots_done} of {shots})".format(**told) if told else flow.state
        if [line] != last:
            last[:] = [line]
            print(line)

    return show


def _saved(host):
    path = host.save()
    if path:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
