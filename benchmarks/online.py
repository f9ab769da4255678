"""Every codec of edit media in every timeline format: does each media reference come online?

    python -m benchmarks.online [--codec NAME ...] [--json]

A reel of two shots (1280x720, for XAVC 1920x1080; 25 frames per second) is synced by a stand-in for
the engine, and delivered once for each codec and container.  Every timeline that was delivered is
opened by a reader that is not ours: OpenTimelineIO and its adapters for Final Cut Pro 7 XML and
ALE, ElementTree for FCPXML, pycmx for EDL, pyaaf2 for AAF, melt for MLT.  Each reference to a
corrected clip is followed to its file, which ffprobe opens.  A clip is online if

    the file is there (of a sequence every frame), and ffprobe decodes every frame of it;
    its rate is that of the clip, and its timecode and length hold the frames that the clip shows;
    in an AAF, mob ids of MXF files are the identities that ffprobe reads in the files.

An EDL and an ALE name files without a folder: they are looked for by name, as a host relinks them.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from dubsync.core.edit.codec import EDIT_CODECS
from dubsync.core.errors import DubsyncError
from dubsync.editorial.formats import DELIVERED
from dubsync.service.new_project import Dubs, new_project
from dubsync.service.plugins import allow_engine
from dubsync.service.project import Project
from tests.service.reel_making import ENGINE, consent, stem
from tests.service.test_bad_input import HEAD, event, movie

RATE = Fraction(25)
SIZE, LARGE = (1280, 720), (1920, 1080)
FORMATS = tuple(
    f for f in ("otio", "edl", "fcpxml", "xml", "aaf", "ale", "mlt", "kdenlive") if f in DELIVERED
)
#: How a corrected clip is recognised: shot, language and version.
OURS = re.compile(r"\b[ab]_(fr-FR_)?v001")


@dataclass(frozen=True)
class Claim:
    """What a timeline says of one corrected clip.

    path    of its media: absolute; or a name alone
    start, stop  frames that the clip shows, in source timecode; None: the format does not say
    rate    frames per second of the clip; None: the format does not say
    ids     identities of material and file package, if the format states them
    """

    path: str
    start: int | None = None
    stop: int | None = None
    rate: Fraction | None = None
    ids: tuple[str, str] | None = None


def make_reel(folder: Path, size: tuple[int, int]) -> Path:
    """The folder of a synced project with two shots."""
    folder.mkdir()
    (folder / "plates").mkdir()
    for n, name in enumerate("ab", start=1):
        movie(folder / "plates" / f"{name}.mov", frames=34, rate=RATE, size=size,
              start=f"0{n}:00:00:00")  # fmt: skip
    stem(folder / "e.wav", 0.1, 0.9)
    stem(folder / "m.wav", 1.1, 1.9)
    cut = event(1, "a.mov", "01:00:00:04 01:00:01:04", "01:00:00:00 01:00:01:00")
    cut += event(2, "b.mov", "02:00:00:04 02:00:01:04", "01:00:01:00 01:00:02:00")
    (folder / "cut.edl").write_text(HEAD + cut)
    records = [consent(folder / f"{who}.toml", who, date.today()) for who in ("elise-m", "marc-d")]
    allow_engine(ENGINE)
    new_project(
        folder / "REEL", cut=folder / "cut.edl", media=[folder / "plates"],
        dubs=[Dubs("fr-FR", {"ELISE": folder / "e.wav", "MARC": folder / "m.wav"})],
        performers={"ELISE": "elise-m", "MARC": "marc-d"}, consent=records,
    )  # fmt: skip
    toml = folder / "REEL" / "dubsync.toml"
    text = toml.read_text().replace("[engine]\n", f'[engine]\nengine = "{ENGINE}"\n')
    toml.write_text(text.replace("handles = 8", "handles = 2"))
    Project.open(folder / "REEL").sync()
    return folder / "REEL"


def delivered(reel: Path, codec: str, container: str) -> dict[str, str]:
    """Key of each delivered file -> its path, with edit media of that kind."""
    toml = reel / "dubsync.toml"
    kept = re.sub(r"(?m)^(# )?(edit|edit_container) = .*\n", "", toml.read_text())
    chosen = f'edit = "{codec}"\n'
    if container != "sequence":
        chosen += f'edit_container = "{container}"\n'
    toml.write_text(kept.replace("[delivery]\n", "[delivery]\n" + chosen))
    return dict(Project.open(reel).deliver(formats=FORMATS).files)


# -- readers that are not ours -----------------------------------------------------------------


def claims(key: str, path: Path) -> list[Claim]:
    """What a delivered file says of its corrected clips, by another reader."""
    return list(_READERS[key.partition("-")[0]](path))


def _otio(path: Path) -> Iterator[Claim]:
    import opentimelineio as otio

    yield from _timeline(otio.adapters.read_from_file(str(path)), path.parent)


def _by_adapter(name: str) -> Any:
    def read(path: Path) -> Iterator[Claim]:
        import opentimelineio as otio

        top = otio.adapters.read_from_file(str(path), adapter_name=name)
        lines = [top] if not isinstance(top, otio.schema.SerializableCollection) else list(top)
        for line in lines:
            yield from _timeline(line, path.parent)

    return read


def _timeline(timeline: Any, folder: Path) -> Iterator[Claim]:
    import opentimelineio as otio

    for clip in timeline.find_clips():
        media = clip.media_reference
        shown = clip.trimmed_range()
        if isinstance(media, otio.schema.ImageSequenceReference):
            held = media.available_range
            first, width = media.start_frame, media.frame_zero_padding
            last = first + round(held.duration.value) - 1
            numbers = f"[{first:0{width}d}-{last:0{width}d}]"
            url = f"{media.target_url_base}{media.name_prefix}{numbers}{media.name_suffix}"
        elif isinstance(media, otio.schema.ExternalReference):
            url = media.target_url
        else:
            continue
        if not OURS.search(url):
            continue
        start = round(shown.start_time.value)
        rate = Fraction(shown.start_time.rate).limit_denominator(1001)
        yield Claim(_local(url, folder), start, start + round(shown.duration.value), rate)


def _edl(path: Path) -> Iterator[Claim]:
    pycmx = import_module("pycmx")
    with path.open(encoding="ascii") as file:
        listed = pycmx.parse_cmx3600(file)
    for one in listed.events:
        for edit in one.edits:
            if edit.source_file and OURS.search(edit.source_file):
                yield Claim(edit.source_file, _frames(edit.source_in), _frames(edit.source_out))


def _fcpxml(path: Path) -> Iterator[Claim]:
    """By the XML itself: OpenTimelineIO's adapter reads no media-rep (FCPXML 1.9 and later)."""
    top = ET.parse(path).getroot()
    assets = {asset.get("id"): asset for asset in top.iter("asset")}
    formats = {form.get("id"): form for form in top.iter("format")}
    for clip in top.iter("asset-clip"):
        asset = assets[clip.get("ref")]
        media = asset.find("media-rep")
        url = asset.get("src") or (media.get("src") if media is not None else "") or ""
        if OURS.search(url):
            rate = 1 / _clock(formats[asset.get("format")].get("frameDuration") or "1/25s")
            start = _clock(clip.get("start") or asset.get("start") or "0s") * rate
            length = _clock(clip.get("duration") or "0s") * rate
            yield Claim(_local(url, path.parent), int(start), int(start + length), rate)


def _xmeml(path: Path) -> Iterator[Claim]:
    """By the XML itself, beside the adapter, which must read it too."""
    list(_by_adapter("fcp_xml")(path))
    top = ET.parse(path).getroot()
    files = {f.get("id"): f for f in top.iter("file") if f.find("pathurl") is not None}
    for clip in top.iter("clipitem"):
        inner = clip.find("file")
        file = files.get(inner.get("id")) if inner is not None else None
        url = (file.findtext("pathurl") if file is not None else "") or ""
        if file is not None and OURS.search(url):
            first = int(file.findtext("timecode/frame") or 0)
            rate = Fraction(int(file.findtext("rate/timebase") or 25))
            a, b = (int(clip.findtext(name) or 0) for name in ("in", "out"))
            media = _all_stills(_local(url, path.parent), int(file.findtext("duration") or 1))
            yield Claim(media, first + a, first + b, rate)


def _all_stills(path: str, count: int) -> str:
    """A sequence of `count` frames that is named by its first file; a movie's path unchanged."""
    return re.sub(
        r"(\d+)(\.(?:exr|dpx|png|tiff?|jpe?g))$",
        lambda m: f"[{m[1]}-{int(m[1]) + count - 1:0{len(m[1])}d}]{m[2]}",
        path,
    )


def _aaf(path: Path) -> Iterator[Claim]:
    aaf2 = import_module("aaf2")
    with aaf2.open(str(path)) as file:
        for top in file.content.toplevel():
            for slot in top.slots:
                for part in getattr(slot.segment, "components", ()):
                    name = getattr(getattr(part, "mob", None), "name", None)
                    if type(part).__name__ == "SourceClip" and OURS.search(name or ""):
                        yield _of_master(part)


def _of_master(clip: Any) -> Claim:
    """The chain from a clip to its file and its tape."""
    master = clip.mob
    (slot,) = [s for s in master.slots if s.slot_id == clip.slot_id]
    source = slot.segment.mob
    (inner,) = [s for s in source.slots if s.slot_id == slot.segment.slot_id]
    start = int(inner.segment.start + slot.segment.start + clip.start)
    url = str(next(iter(source.descriptor["Locator"].value))["URLString"].value)
    ids = (str(master.mob_id), str(source.mob_id))
    return Claim(_local(url, Path("/")), start, start + clip.length, Fraction(inner.edit_rate), ids)


def _ale(path: Path) -> Iterator[Claim]:
    adapter = import_module("otio_ale_adapter.ale")
    for clip in adapter.read_from_string(path.read_text(), fps=25).find_clips():
        row = clip.metadata["ALE"]
        shown = clip.source_range
        start = round(shown.start_time.value)
        yield Claim(str(row["Source Path"]), start, start + round(shown.duration.value), RATE)


def _mlt(path: Path) -> Iterator[Claim]:
    """melt plays the whole project without a complaint; its producers name the files."""
    command = ["melt", str(path), "-consumer", "null", "real_time=-1", "terminate_on_pause=1"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=path.parent)
    for line in said.stderr.splitlines():
        if "failed to load" in line.lower() and OURS.search(line):
            raise ValueError(line)
    top = ET.parse(path).getroot()
    for producer in (*top.iter("producer"), *top.iter("chain")):
        facts = {p.get("name"): p.text or "" for p in producer.iter("property")}
        name, _, options = facts.get("resource", "").partition("?")
        if OURS.search(name):
            begin = re.search(r"begin[=:](\d+)", options)
            if begin is None:
                yield Claim(str((path.parent / name).resolve()))
                continue
            first = int(begin[1])
            stop = first + int(facts.get("length") or producer.get("out") or 1)
            yield Claim(str((path.parent / name).resolve()), first, stop)


_READERS = {"otio": _otio, "edl": _edl, "fcpxml": _fcpxml, "xml": _xmeml, "aaf": _aaf,
            "ale": _ale, "mlt": _mlt, "kdenlive": _mlt}  # fmt: skip


def _local(url: str, folder: Path) -> str:
    parsed = urlsplit(url)
    name = unquote(parsed.path) if parsed.scheme == "file" else unquote(url)
    return str((folder / name).resolve())


def _clock(text: str) -> Fraction:
    return Fraction(text.removesuffix("s"))


def _frames(timecode: str) -> int:
    hours, minutes, seconds, frames = (int(n) for n in re.split("[:;]", str(timecode)))
    return ((hours * 60 + minutes) * 60 + seconds) * int(RATE) + frames


# -- is it online? -----------------------------------------------------------------------------


def offline(claim: Claim, reel: Path) -> str:
    """Why the media of a claim are not online; "" if they are."""
    path = claim.path
    if "/" not in path:  # a host looks for it by name
        found = [p for p in reel.glob("renders/**/edit/**/*") if _same(p.name, path)]
        if not found:
            return f"{path} is nowhere"
        newest = max(found, key=lambda p: p.stat().st_mtime)
        path = str(newest.with_name(path))
    numbered = re.search(r"\[(\d+)-(\d+)\]|%0?(\d*)d", Path(path).name)
    if numbered is not None:
        return _sequence(Path(path), numbered, claim)
    if not Path(path).is_file():
        return f"{path} is not there"
    facts = probed(path)
    if claim.rate is not None and claim.rate != facts["rate"]:
        return f"rate {facts['rate']}, not {claim.rate}"
    held = range(facts["start"], facts["start"] + facts["frames"])
    if not _holds(held, claim):
        return f"shows {claim.start}..{claim.stop}, the file holds {held}"
    if claim.ids is not None and facts["ids"] and claim.ids != facts["ids"]:
        return f"mob ids {claim.ids} are not {facts['ids']}"
    return ""


def _holds(frames: range, claim: Claim) -> bool:
    """Whether a file has the frames that a clip shows, as far as the format says them."""
    if claim.start is None or claim.stop is None:
        return True
    return frames.start <= claim.start < claim.stop <= frames.stop


def _same(name: str, wanted: str) -> bool:
    return name == wanted or bool(
        re.fullmatch(re.escape(wanted).replace(r"\[", "[").split("[")[0] + r"\d+\.\w+", name)
    )


def _sequence(path: Path, numbered: re.Match[str], claim: Claim) -> str:
    """A sequence is online if the file of every frame is there, and its first is decoded."""
    if numbered[1] is not None:
        numbers, width = range(int(numbered[1]), int(numbered[2]) + 1), len(numbered[1])
    else:
        if claim.start is None or claim.stop is None:
            return "the frames of the sequence are not stated"
        numbers, width = range(claim.start, claim.stop), int(numbered[3] or 1)
    head, tail = path.name[: numbered.start()], path.name[numbered.end() :]
    files = [path.with_name(f"{head}{n:0{width}d}{tail}") for n in numbers]
    if gone := [f.name for f in files if not f.is_file()]:
        return f"{len(gone)} of {len(files)} frames are not there: {gone[0]}"
    if not _holds(numbers, claim):
        return f"shows {claim.start}..{claim.stop}, the files are {numbers}"
    return "" if probed(str(files[0]))["frames"] == 1 else f"{files[0].name} is not decoded"


@cache
def probed(path: str) -> dict[str, Any]:
    """What ffprobe decodes of a file: frames, rate, first frame by its timecode, identities."""
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of",
               "json", path]  # fmt: skip
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    video = next(s for s in said["streams"] if s["codec_type"] == "video")
    tags = said["format"].get("tags", {}) | video.get("tags", {})
    code = next((s["tags"]["timecode"] for s in said["streams"]
                 if "timecode" in s.get("tags", {})), tags.get("timecode", ""))  # fmt: skip
    ids = tags.get("material_package_umid"), tags.get("file_package_umid")
    return {
        "frames": int(video["nb_read_frames"]),
        "rate": Fraction(video["r_frame_rate"]),
        "start": _frames(code) if code else 0,
        "ids": tuple(_urn(one) for one in ids) if all(ids) else (),
    }


def _urn(umid: str) -> str:
    text = umid.lower().removeprefix("0x")
    return "urn:smpte:umid:" + ".".join(text[n : n + 8] for n in range(0, len(text), 8))


# -- the table ---------------------------------------------------------------------------------


def row(reel: Path, codec: str, container: str) -> dict[str, object]:
    """Format -> "n online" or the first reason why a clip is not."""
    try:
        files = delivered(reel, codec, container)
    except DubsyncError as error:
        return {"codec": codec, "container": container, "error": f"{error} ({error.hint})"}
    result: dict[str, object] = {"codec": codec, "container": container}
    for form in FORMATS:
        whys, clips = [], 0
        for key, path in files.items():
            if key.partition("-")[0] != form:
                continue
            try:
                found = claims(key, Path(path))
            except (ValueError, KeyError, subprocess.CalledProcessError) as error:
                whys.append(f"{key}: {type(error).__name__}: {error}")
                continue
            clips += len(found)
            if len(found) < 2:
                whys.append(f"{key}: {len(found)} of 2 clips point at edit media")
            whys += [f"{key}: {why}" for claim in found if (why := offline(claim, reel))]
        result[form] = whys[0] if whys else f"{clips} online"
    return result


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--codec", nargs="*", default=list(EDIT_CODECS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = cache(lambda size: make_reel(Path(folder) / f"{size[0]}", size))
        rows = [
            row(made(LARGE if name == "xavc" else SIZE), name, container)
            for name in options.codec
            for container in EDIT_CODECS[name].containers
        ]
    if options.json:
        print(json.dumps(rows))
        return
    print(f"| codec | container | {' | '.join(FORMATS)} |")
    print("|---" * (2 + len(FORMATS)) + "|")
    for one in rows:
        cells = [str(one.get(form, one.get("error", ""))) for form in FORMATS]
        print(f"| {one['codec']} | {one['container']} | {' | '.join(cells)} |")
    bad = sum(not str(one.get(form, "")).endswith(" online") for one in rows for form in FORMATS)
    print(f"{bad} of {len(rows) * len(FORMATS)} do not come online")


if __name__ == "__main__":
    main()
