"""Every codec and container of edit media, opened by programs that are not ours."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.edit_media.plates import (
    N_FRAMES,
    RATE,
    REEL,
    TIMECODE,
    every_form,
    media_of,
    plate_of,
)
from dubsync.core.edit.media import EditMedia

#: What a reader says, under these names; a reader leaves out what it does not tell.
Facts = Mapping[str, object]
FACTS = ("frames", "rate", "size", "depth", "timecode", "reel", "colour", "ids", "sound")
_DEPTH = re.compile(r"(?:yuva?4\d\dp|gbrp)(\d*)")


def compare_readers(folder: Path) -> None:
    """Print a table: for each form of edit media, what each reader finds, and what is amiss."""
    print("| codec | container | " + " | ".join(READERS) + " |")
    print("|---" * (2 + len(READERS)) + "|")
    amiss: list[str] = []
    for codec, container in every_form():
        plate = plate_of(folder, codec)
        media = media_of(folder, plate, codec, container)
        wanted = _wanted(media, codec.bits, f"{plate.format.width}x{plate.format.height}")
        cells = []
        for name, read in READERS.items():
            found = read(media)
            if found is None:
                cells.append("")
                continue
            wrong = [key for key, value in found.items() if not _agrees(key, value, wanted)]
            told = [key for key in FACTS if key in found and key not in wrong]
            cells.append(", ".join(told) + (f"; **not {', '.join(wrong)}**" if wrong else ""))
            amiss += [f"{codec.name} {container} {name}: {key} is {found[key]!r}, "
                      f"wanted {wanted.get(key)!r}" for key in wrong]  # fmt: skip
        print(f"| {codec.name} | {container} | " + " | ".join(cells) + " |", flush=True)
    print(*(amiss or ["nothing amiss"]), sep="\n")


def _wanted(media: EditMedia, bits: int, size: str) -> dict[str, object]:
    channels = 0 if media.container == "sequence" else 2
    if media.container == "mxf_opatom":
        channels = 0  # in files of their own
    return {
        "opens": True, "frames": N_FRAMES, "rate": RATE, "size": size, "depth": bits,
        "timecode": TIMECODE, "reel": REEL, "colour": "bt2020", "sound": channels,
        "ids": sorted(filter(None, (media.essences[0].material, media.essences[0].file,
                                    media.essences[0].tape))),
    }  # fmt: skip


def _agrees(key: str, value: object, wanted: Mapping[str, object]) -> bool:
    if key == "rate":
        return abs(float(value) - float(RATE)) < 0.01  # type: ignore[arg-type]
    return value == wanted[key]


def _still(media: EditMedia) -> str:
    """The media's first file."""
    path = media.picture
    return path % media.frames.start if media.container == "sequence" else path


def _run(*words: str) -> str | None:
    if shutil.which(words[0]) is None:
        return None
    done = subprocess.run(words, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def _ffprobe(media: EditMedia) -> Facts | None:
    path = media.picture
    start = ("-start_number", str(media.frames.start)) if media.container == "sequence" else ()
    said = _run("ffprobe", "-v", "error", *start, "-count_frames", "-show_streams", "-show_format",
                "-of", "json", path)  # fmt: skip
    if not said:
        return None if said is None else {"opens": False}
    found = json.loads(said)
    video = next(s for s in found["streams"] if s["codec_type"] == "video")
    tags = [found["format"].get("tags", {}), *(s.get("tags", {}) for s in found["streams"])]
    depth = _DEPTH.match(video["pix_fmt"])
    facts: dict[str, object] = {
        "frames": int(video["nb_read_frames"]), "size": f"{video['width']}x{video['height']}",
        "sound": sum(int(s["channels"]) for s in found["streams"] if s["codec_type"] == "audio"),
    }  # fmt: skip
    if depth and media.codec != "exr":
        facts["depth"] = int(depth[1] or 8)
        if media.codec.startswith("prores4444"):
            facts["depth"] = 10 if facts["depth"] == 12 else facts["depth"]  # decodes all as 12
    if media.container == "sequence":
        return facts
    over, under = video["r_frame_rate"].split("/")
    facts |= {"rate": int(over) / int(under), "colour": video.get("color_primaries")}
    facts["timecode"] = next((t["timecode"] for t in tags if "timecode" in t), None)
    if media.container != "mp4":
        facts["reel"] = next((t["reel_name"] for t in tags if "reel_name" in t), None)
    if media.container.startswith("mxf"):
        keys = ("material_package_umid", "file_package_umid", "reel_umid")
        facts["ids"] = sorted({_urn(t[key]) for t in tags for key in keys if key in t})
    return facts


def _urn(text: str) -> str:
    hexed = text.removeprefix("0x").lower()
    return "urn:smpte:umid:" + ".".join(hexed[n : n + 8] for n in range(0, 64, 8))


def _ffmpeg(media: EditMedia) -> Facts | None:
    """Every frame decoded, by the system's FFmpeg, errors counted as failures."""
    start = ("-start_number", str(media.frames.start)) if media.container == "sequence" else ()
    said = _run("ffmpeg", "-v", "error", "-xerror", *start, "-i", media.picture, "-map", "0:v:0",
                "-f", "framemd5", "-")  # fmt: skip
    if said is None:
        return None
    return {"frames": sum(1 for line in said.splitlines() if not line.startswith("#"))}


def _mediainfo(media: EditMedia) -> Facts | None:
    said = _run("mediainfo", "--Output=JSON", _still(media))
    if not said:
        return None if said is None else {"opens": False}
    tracks = json.loads(said)["media"]["track"]
    video = next((t for t in tracks if t["@type"] in ("Video", "Image")), None)
    if video is None:
        return {"opens": False}
    facts: dict[str, object] = {"size": f"{video['Width']}x{video['Height']}"}
    if "BitDepth" in video:
        facts["depth"] = int(video["BitDepth"])
    if media.container == "sequence":
        return facts
    facts |= {"frames": int(video["FrameCount"]), "rate": float(video["FrameRate"])}
    if "colour_primaries" in video:
        facts["colour"] = "bt2020" if video["colour_primaries"] == "BT.2020" else "other"
    codes = [t[key] for t in tracks for key in ("TimeCode_FirstFrame",) if key in t]
    facts["timecode"] = codes[0] if codes else None
    return facts


def _melt(media: EditMedia) -> Facts | None:
    if media.container == "sequence":
        return None
    said = _run("melt", media.picture, "-consumer", "xml")
    if not said:
        return None if said is None else {"opens": False}
    root = ElementTree.fromstring(said)
    found = {p.get("name"): p.text or "" for p in root.iter("property")}
    profile = next(root.iter("profile"))
    over, under = (int(profile.get(f"frame_rate_{part}", "1")) for part in ("num", "den"))
    played = _run(
        "melt", media.picture, "-consumer", "null", "real_time=-1", "terminate_on_pause=1"
    )
    return {
        "opens": played is not None and played != "" or played == "",
        "frames": int(found["length"]), "rate": over / under,
        "size": f"{found['meta.media.0.codec.width']}x{found['meta.media.0.codec.height']}",
        "timecode": next((v for k, v in found.items() if k and "timecode" in k), None),
    }  # fmt: skip


def _bmx(media: EditMedia) -> Facts | None:
    """bmx, by the Python package mxfuse where that is installed."""
    try:
        import mxfuse
    except ImportError:
        return None
    if not media.container.startswith("mxf"):
        return None
    try:
        with open(media.picture, "rb") as file, mxfuse.open_mxf(file) as clip:
            picture = clip.tracks[0]
            code = clip.start_timecode
            last = f"{';' if code.drop_frame else ':'}{code.frame:02}"
            depth = {"depth": picture.component_depth} if picture.component_depth else {}
            return {
                **depth, "frames": sum(1 for _ in clip),
                "rate": clip.edit_rate[0] / clip.edit_rate[1],
                "size": f"{picture.display_width}x{picture.display_height}",
                "timecode": f"{code.hour:02}:{code.minute:02}:{code.second:02}{last}",
                "sound": len(clip.tracks) - 1,
            }  # fmt: skip
    except RuntimeError:
        return {"opens": False}


def _pyaaf2(media: EditMedia) -> Facts | None:
    if not media.container.startswith("mxf"):
        return None
    from aaf2.mxf import MXFFile

    packages = MXFFile(media.picture).packages()
    return {"ids": sorted({str(p.data["MobID"]) for p in packages if "MobID" in p.data})}


def _imagemagick(media: EditMedia) -> Facts | None:
    if media.container != "sequence":
        return None
    said = _run("identify", "-format", "%wx%h %z", _still(media))
    if not said:
        return None if said is None else {"opens": False}
    size, depth = said.split()
    return {"size": size, "depth": int(depth)}


READERS: Mapping[str, Callable[[EditMedia], Facts | None]] = {
    "ffprobe": _ffprobe, "ffmpeg": _ffmpeg, "MediaInfo": _mediainfo, "melt": _melt, "bmx": _bmx,
    "pyaaf2": _pyaaf2, "ImageMagick": _imagemagick,
}  # fmt: skip
