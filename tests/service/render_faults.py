"""Ways in which the files of a render go wrong on a disk, each as a function of its folder."""

import json
import os
import shutil


def record_of(folder):
    (path,) = folder.glob("*.record.json")
    return path


def edited(folder, **changes):
    """The record with some values changed by hand."""
    path = record_of(folder)
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def with_old_times(path, data):
    """Other bytes of the same length, under the old modification time."""
    stat = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def one_byte_altered(folder, role="picture"):
    path = output(folder, role)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    with_old_times(path, bytes(data))


def output(folder, role):
    return folder / json.loads(record_of(folder).read_text())["outputs"][role]["file"]


def cut_off(folder):
    path = output(folder, "picture")
    path.write_bytes(path.read_bytes()[:-100])


def anothers_matte(folder):
    """Another shot's matte, and its digest and size written into the record."""
    other = folder.parents[1] / ("b" if folder.parent.name == "a" else "a") / "v001"
    shutil.copyfile(output(other, "matte"), output(folder, "matte"))
    record = json.loads(record_of(folder).read_text())
    theirs = json.loads(record_of(other).read_text())["outputs"]["matte"]
    mine = record["outputs"]["matte"]
    edited(folder, outputs={**record["outputs"], "matte": {**theirs, "file": mine["file"]}})


def proof_edited(folder):
    edited(folder, proof={**json.loads(record_of(folder).read_text())["proof"],
                          "frames_changed": 30})  # fmt: skip


#: Name -> (what is done to the folder of a render, what the reason must say).
FAULTS = {
    "the folder is gone": (shutil.rmtree, "not rendered"),
    "the picture is gone": (lambda f: output(f, "picture").unlink(), "picture a_v001.mkv is miss"),
    "the layer is gone": (lambda f: output(f, "layer").unlink(), "layer a_v001_layer.mov is miss"),
    "the picture is cut off": (cut_off, "cut off"),
    "a byte of the picture is altered": (one_byte_altered, "a_v001.mkv was altered"),
    "a byte of the matte is altered": (lambda f: one_byte_altered(f, "matte"), "matte.mkv was alt"),
    "a byte of the layer is altered": (lambda f: one_byte_altered(f, "layer"), "layer.mov was alt"),
    "the record is gone": (lambda f: record_of(f).unlink(), "no record"),
    "the record is no JSON": (lambda f: record_of(f).write_text("{"), "cannot be read"),
    "the record is a folder": (
        lambda f: (record_of(f).rename(f / "x"), (f / "a_v001.record.json").mkdir()),
        "cannot be read",
    ),
    "the record has wrong types": (lambda f: edited(f, outputs=[1]), "outputs = [1]"),
    "the record leads out": (
        lambda f: edited(f, outputs={"picture": {"file": "../../../x", "bytes": 1, "sha256": "0"}}),
        "outputs",
    ),
    "the proof is edited": (proof_edited, "edited after it was written"),
    "the record has another file's digest": (anothers_matte, "edited after it was written"),
}  # fmt: skip
