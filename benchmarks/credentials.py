"""C2PA credentials: what they cost, what is seen of a change, and whether others read them.

    python -m benchmarks.credentials RENDER [--changes 400] [--modules FOLDER]

RENDER is a version folder of a render.  It is copied, and signed by a house made for the purpose.
The independent reader, @trustnxt/c2pa-ts, runs on node; --modules is a folder in which
`npm install @trustnxt/c2pa-ts@0.9.4` was run.  Without it that is done in a temporary folder, where
npm is found and may reach its registry.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import shutil
import subprocess
import tempfile
from pathlib import Path
from time import process_time

import c2pa

from dubsync.core.settings import ProofSettings
from dubsync.media.credentials.carried import mime_type
from dubsync.media.credentials.library import settings
from dubsync.media.credentials.read import read
from dubsync.media.credentials.write import embed
from dubsync.service.credentials.signing import CredentialsWriter
from dubsync.service.credentials.statement import of_render
from dubsync.service.credentials.write import sign_render
from dubsync.service.keys.keyring import new_key

READER = Path(__file__).with_suffix("").with_name("independent_reader.mjs")
PACKAGE = "@trustnxt/c2pa-ts@0.9.4"


def modules_in(folder: Path | None) -> Path | None:
    """A folder with the independent reader; None where it cannot be had."""
    if folder is not None:
        return folder
    if not shutil.which("npm"):
        return None
    made = Path(tempfile.mkdtemp())
    (made / "package.json").write_text("{}")
    call = ["npm", "install", "--ignore-scripts", "--prefix", str(made), PACKAGE]
    return None if subprocess.run(call, capture_output=True).returncode else made


def independent(modules: Path, media: Path, sidecar: Path | None) -> str:
    """What the independent reader says, in one line."""
    call = ["node", str(READER), str(modules), str(media), *([str(sidecar)] if sidecar else [])]
    done = subprocess.run(call, capture_output=True, text=True)
    if done.returncode:
        return f"cannot read it: {done.stderr.strip()[:300]}"
    said = json.loads(done.stdout)
    faults = [code for code in said["codes"] if code.startswith("FAULT")]
    return f"valid {said['valid']}, {len(said['codes'])} checks, faults {faults}"


def unseen(media: Path, sidecar: Path | None, roots: list[str], changes: int) -> tuple[int, int]:
    """Of random one-bit changes: how many the library alone passes, and how many `read` passes."""
    target, dice = sidecar or media, random.Random(1)
    whole, library, ours = target.read_bytes(), 0, 0
    context = c2pa.Context.from_dict(settings(roots))
    for _ in range(changes):
        data = bytearray(whole)
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        target.write_bytes(data)
        bytes_ = io.BytesIO(media.read_bytes())
        store = bytes(data) if sidecar else None
        try:
            reader = c2pa.Reader(mime_type(media), bytes_, store, context=context)
            library += reader.get_validation_state() == "Trusted"
        except c2pa.C2paError:
            pass
        ours += read(media, sidecar, roots).state in ("trusted", "valid")
    target.write_bytes(whole)
    return library, ours


def main() -> None:
    """Print what it costs, what is seen, and what the independent reader says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("render", type=Path)
    parser.add_argument("--changes", type=int, default=400)
    parser.add_argument("--modules", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["DUBSYNC_KEYS"] = str(Path(name) / "keys")
        writer = CredentialsWriter(new_key("Benchmarks"))
        folder = Path(name) / "render"
        shutil.copytree(asked.render, folder, ignore=shutil.ignore_patterns("*.c2pa", "edit"))
        path = next(folder.glob("*.record.json"))
        record = json.loads(path.read_text())
        sign_render(path, ProofSettings())  # the library is loaded
        began = process_time()
        sidecar = sign_render(path, ProofSettings())
        cost = process_time() - began
        assert sidecar is not None
        media = {role: folder / one["file"] for role, one in record["outputs"].items()}
        size = sum(media[role].stat().st_size for role in ("picture", "layer"))
        print(f"signing and reading back: {cost:.3f} s of CPU for {size / 1e6:.1f} MB, "
              f"{len(sidecar.read_bytes()):,} bytes of sidecar; rendering took "
              f"{record['seconds']} s ({100 * cost / record['seconds']:.2f} %)")  # fmt: skip
        within = folder / "within.mov"
        says = of_render(record, "0" * 64, "layer")
        began = process_time()
        embed(media["layer"], within, says, writer.signer)
        print(f"putting it into a MOV of {within.stat().st_size / 1e6:.1f} MB: "
              f"{process_time() - began:.3f} s of CPU")  # fmt: skip
        roots = [writer.root]
        passed = unseen(media["picture"], sidecar, roots, asked.changes)
        print(f"of {asked.changes} changes of a sidecar's bits the library passes {passed[0]}, "
              f"dubsync {passed[1]}")  # fmt: skip
        small = folder / "small.mov"
        subprocess.run(
            ["ffmpeg", "-v", "error", "-i", str(media["layer"]), "-frames:v", "1", "-vf",
             "scale=64:-2", "-c:v", "prores_ks", str(folder / "one.mov")], check=True,
        )  # fmt: skip
        embed(folder / "one.mov", small, says, writer.signer)
        passed = unseen(small, None, roots, asked.changes)
        print(f"of {asked.changes} changes of a MOV of {small.stat().st_size:,} bytes that "
              f"carries them the library passes {passed[0]}, dubsync {passed[1]}")  # fmt: skip
        modules = modules_in(asked.modules)
        if modules is None:
            print("the independent reader was not tried: npm or its package is not at hand")
            return
        print(f"{PACKAGE}: MKV with sidecar: {independent(modules, media['picture'], sidecar)}")
        print(f"{PACKAGE}: MOV, within: {independent(modules, within, None)}")
        altered = bytearray(within.read_bytes())
        altered[len(altered) // 2] ^= 1
        within.write_bytes(altered)
        print(f"{PACKAGE}: MOV, a bit altered: {independent(modules, within, None)}")


if __name__ == "__main__":
    main()
