"""Writes dubsync.toml and the answer files beside it as text that people can read and edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from dubsync.core.edit.host import host_of
from dubsync.core.face import Point
from dubsync.core.settings import DeliverySettings, ProofSettings, Settings
from dubsync.service.settings.colour_setting import colour_text
from dubsync.service.settings.project_file import Dubbing, ProjectFile, Role
from dubsync.service.settings.script_file import ScriptFile
from dubsync.service.settings.shot_tables import RENDERERS
from dubsync.service.settings.stem_choices import stem_choices_text


def project_text(project: ProjectFile) -> str:
    """`project` as the text of a dubsync.toml, with comments."""
    lines = [
        "# A dubsync project.  Paths are relative to this file's folder.",
        "[project]",
        f"name = {quoted(project.name)}",
        f"language = {quoted(project.language)}    # of the dub, BCP-47",
        f"cut = {quoted(project.shown(project.cut))}",
        f"media = [{', '.join(quoted(project.shown(p)) for p in project.media)}]"
        "    # folders that hold the plates",
        f"takes = [{', '.join(quoted(project.shown(p)) for p in project.takes)}]",
        f"handles = {project.settings.handles}    # frames",
    ]
    lines += _script_lines(project, project.script)
    if project.rate is not None:
        lines.append(f"rate = {quoted(str(project.rate))}    # frames per second of the cut")
    if project.timeline:
        lines.append(f"timeline = {quoted(project.timeline)}"
                     "    # which timeline of the cut's file")  # fmt: skip
    if project.dub_cut is not None:
        lines.append(f"dub_cut = {quoted(project.shown(project.dub_cut))}"
                     "    # the cut that the stems were made for")  # fmt: skip
    if project.plays.all:
        lines.append(f"plays = {quoted(project.plays.all)}    # plates at another rate")
    if project.dub_timeline:
        lines.append(f"dub_timeline = {quoted(project.dub_timeline)}"
                     "    # which timeline of dub_cut")  # fmt: skip
    roles = {role.character: role for role in project.roles}
    for character, performer in project.performers.items():
        lines += [
            "",
            f"[characters.{quoted(character)}]",
            f"performer = {quoted(performer)}    # dubbing needs this performer's consent",
        ]
        if character in project.pauses:
            lines.append(f"pauses = {quoted(project.pauses[character])}    # lips between phrases")
        if character in project.photos:
            shown = ", ".join(quoted(project.shown(one)) for one in project.photos[character])
            lines.append(f"photos = [{shown}]    # their head is drawn from these too")
        lines += _dub_lines(project, character, roles.get(character))
    if project.voices:
        lines += ["", "[voices]    # which voice of a mixed stem is which character"]
        lines += [f"{quoted(voice)} = {quoted(name)}" for voice, name in project.voices.items()]
    for shot in dict.fromkeys((*project.holdouts, *project.plays.shots)):
        lines += ["", f"[shots.{quoted(shot)}]"]
        if shot in project.holdouts:
            lines.append(f"holdout = {quoted(project.shown(project.holdouts[shot]))}")
        if shot in project.plays.shots:
            lines.append(f"plays = {quoted(project.plays.shots[shot])}")
    for dubbing in project.further:
        lines += _language_lines(project, dubbing)
    lines += stem_choices_text({project.shown(p): heard for p, heard in project.heard.items()})
    if project.colour is not None:
        config = project.colour.config
        lines += colour_text(
            project.colour, config if isinstance(config, str) else project.shown(config)
        )
    lines += _settings_lines(project.settings)
    return "\n".join(lines) + "\n"


def _script_lines(project: ProjectFile, script: ScriptFile | None) -> list[str]:
    if script is None:
        return []
    lines = [f"script = {quoted(project.shown(script.path))}    # the dub's lines, as text"]
    if script.columns:
        columns = ", ".join(f"{name} = {quoted(c)}" for name, c in script.columns.items())
        lines.append(f"script_columns = {{{columns}}}")
    return lines


def _dub_lines(project: ProjectFile, character: str, role: Role | None) -> list[str]:
    """The lines of [characters.X] about the first language."""
    if role is None:
        return ['dub = ""    # not dubbed'] if character in project.undubbed else []
    lines = [f"dub = {quoted(project.shown(role.dub))}"]
    if role.start:
        lines.append(f"start = {quoted(role.start)}")
    if role.voice:
        lines.append(f"voice = {quoted(project.shown(role.voice))}    # this voice alone")
    if role.voice_actor:
        lines.append(f"voice_actor = {quoted(role.voice_actor)}    # filmed in the takes")
    elif project.takes:
        lines.append('# voice_actor = ""    # with their consent, dubsync learns from the takes')
    return lines


def _language_lines(project: ProjectFile, dubbing: Dubbing) -> list[str]:
    """[languages.TAG] and the tables in it."""
    head = f"languages.{quoted(dubbing.language)}"
    takes = ", ".join(quoted(project.shown(p)) for p in dubbing.takes)
    lines = ["", f"[{head}]", f"takes = [{takes}]", *_script_lines(project, dubbing.script)]
    tables = {
        "dub": {r.character: project.shown(r.dub) for r in dubbing.roles}
        | dict.fromkeys(dubbing.undubbed, ""),
        "start": {r.character: r.start for r in dubbing.roles if r.start},
        "voice": {r.character: project.shown(r.voice) for r in dubbing.roles if r.voice},
        "voice_actor": {r.character: r.voice_actor for r in dubbing.roles if r.voice_actor},
        "voices": dubbing.voices,
    }
    for name, values in tables.items():
        if values:
            lines.append(f"[{head}.{name}]")
            lines += [f"{quoted(key)} = {quoted(value)}" for key, value in values.items()]
    return lines


def _settings_lines(settings: Settings) -> list[str]:
    engine = settings.engine
    return [
        "",
        "[engine]",
        f"device = {quoted(engine.device)}    # auto, cuda, mps or cpu",
        f"crop_px = {engine.crop_px}    # 0: the face's size in the plate",
        f"train_minutes = {engine.train_minutes:g}    # at most, per actor; 0: never",
        f"renderer = {quoted(engine.renderer)}    # auto, actor, warp or plate",
        "",
        *_delivery_lines(settings.delivery),
        "",
        "# [faces.SHOT] tells dubsync which face is which character:  ELISE = [x, y]",
        *_speech_lines(settings),
        *_proof_lines(settings.proof),
    ]


def _delivery_lines(delivery: DeliverySettings) -> list[str]:
    """[delivery]; what is only needed with edit media stands there as a comment without them."""
    if delivery.host:
        host = f"host = {quoted(delivery.host)}    # {host_of(delivery.host).label}"
    else:
        host = '# host = "avid"    # or resolve, premiere, finalcut, nuke: what the cut is for'
    off = "" if delivery.edit else "# "
    edit = delivery.edit or "prores422hq"
    container = delivery.edit_container or ("" if delivery.edit else "mov")
    return [
        "[delivery]",
        f"picture = {quoted(delivery.picture)}    # of the master: lossless or prores422hq",
        f"container = {quoted(delivery.container)}    # of the master: mkv or mov",
        host,
        f"{off}edit = {quoted(edit)}    # beside each master; the delivered cut points at it",
        f"{off}edit_container = {quoted(container)}    # mov, mp4, mxf or mxf_opatom",
        f"{off}edit_made = {quoted(delivery.edit_made)}    # by deliver, or already by sync",
        *([f"media_paths = {quoted(delivery.media_paths)}    # in delivered cuts"]
          if delivery.media_paths != "absolute" else []),
    ]  # fmt: skip


def _speech_lines(settings: Settings) -> list[str]:
    if settings.speech.diarization == "shipped":
        return []
    return ["", "[speech]", f"diarization = {quoted(settings.speech.diarization)}"]


def _proof_lines(proof: ProofSettings) -> list[str]:
    """[proof], where it says something else than usual."""
    usual = ProofSettings()
    said = {
        one.name: value
        for one in fields(proof)
        if (value := getattr(proof, one.name)) != getattr(usual, one.name)
    }
    lines = [
        f"{name} = {str(value).lower() if isinstance(value, bool) else quoted(value)}"
        for name, value in said.items()
    ]
    return ["", "[proof]", *lines] if lines else []


def quoted(text: str) -> str:
    """`text` as a basic string of TOML 1.0."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped)
    return f'"{escaped}"'


def renderers_text(renderers: Mapping[str, Mapping[str, str]]) -> str:
    """renderers.toml, from language ("": every language) -> shot -> renderer."""
    lines = ["# Renderer of each shot, set with --renderer: " + ", ".join(RENDERERS) + "."]
    for language, shots in sorted(renderers.items()):  # "" first: top-level keys precede tables
        if language and shots:
            lines += ["", f"[{quoted(language)}]"]
        lines += [f"{quoted(shot)} = {quoted(name)}" for shot, name in shots.items()]
    return "\n".join(lines) + "\n"


def points_text(points: Mapping[str, Mapping[str, Sequence[Point]]]) -> str:
    """faces.toml, which `parse_points` reads."""
    lines = [
        "# Which face is which character, set with --face: x, y in plate pixels, the plate frame."
    ]
    for shot, characters in points.items():
        lines += ["", f"[{quoted(shot)}]"]
        for name, here in characters.items():
            values = [f"[{', '.join(f'{v:.10g}' for v in point)}]" for point in here]
            value = values[0] if len(values) == 1 else f"[{', '.join(values)}]"
            lines.append(f"{quoted(name)} = {value}")
    return "\n".join(lines) + "\n"
