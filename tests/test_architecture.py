"""The house keeps its shape, even where import-linter is not installed."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1] / "dubsync"
STOREYS = [{"core"}, {"media", "editorial", "speech", "engine", "qc"}, {"service"}, {"cli"}]
OWNERS = {
    "torch": ("engine", "speech"),  # in speech only what pyannote.audio is built of
    "ai_edge_litert": ("engine",),
    "opentimelineio": ("editorial",),
    "av": ("media",),
    "OpenEXR": ("media",),
    "librosa": ("speech",),
    "pyannote": ("speech",),
    "torchaudio": ("speech",),
    "PyQt5": ("gui",),
}
TORCH_IN_SPEECH = {"voices.py", "voiceprint.py", "torchaudio_shim.py"}
LINES = 400
FUNCTION_LINES = 60
BANNED_NAMES = {"utils", "helpers", "common", "base", "manager", "misc"}


def imports(path):
    """Every dotted name `path` imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            yield node.module


def storey(part):
    return next(n for n, parts in enumerate(STOREYS) if part in parts)


def files():
    for path in ROOT.rglob("*.py"):
        part = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if not part.startswith("__"):
            yield path, part


def test_imports_point_down():
    for path, part in files():
        for name in imports(path):
            top, _, rest = name.partition(".")
            owners = OWNERS.get(top, (part,))
            assert part in owners, f"{path}: {top} belongs to {owners}"
            if (top, part) == ("torch", "speech"):
                assert path.name in TORCH_IN_SPEECH, f"{path}: torch belongs to the engine"
            other = rest.split(".")[0]
            if top == "dubsync" and other and other != part:
                assert storey(other) < storey(part), f"{path}: {part} may not import {other}"
                assert (part, other) != ("service", "engine"), f"{path}: load the engine by name"


def test_files_stay_readable():
    long = {p.name: n for p, _ in files() if (n := len(p.read_text().splitlines())) > LINES}
    assert not long


def test_functions_fit_on_a_screen():
    long = {
        f"{path.name}:{node.name}": node.end_lineno - node.lineno + 1
        for path, _ in files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= FUNCTION_LINES
    }
    assert not long


def test_file_names_say_what_is_inside():
    assert not [path for path, _ in files() if path.stem in BANNED_NAMES]


def test_everything_public_is_documented():
    bare = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path, _ in files()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not bare


def test_nothing_is_pickled():
    for path, _ in files():
        assert not {"pickle", "marshal", "shelve"} & set(imports(path)), path


def test_no_except_catches_everything():
    for path, _ in files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "everything"
                assert caught not in {"everything", "Exception", "BaseException"}, (
                    f"{path}:{node.lineno} catches {caught}"
                )
