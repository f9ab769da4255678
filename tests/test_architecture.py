"""The house keeps its shape, even where import-linter is not installed."""

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

TESTS = Path(__file__).parent
ROOT = Path(__file__).parents[1] / "dubsync"
STOREYS = [
    {"core"},
    {"media", "editorial", "speech", "engine", "qc"},
    {"service"},
    {"desk"},
    {"cli"},
]
OWNERS = {
    "c2pa": ("media",),
    "torch": ("engine", "speech"),  # in speech only what pyannote.audio is built of
    "ai_edge_litert": ("engine",),
    "opentimelineio": ("editorial",),
    "av": ("media",),
    "OpenEXR": ("media",),
    "PyOpenColorIO": ("media",),
    "librosa": ("speech",),
    "libtsm": ("speech",),
    "pyannote": ("speech",),
    "torchaudio": ("speech",),
    "faster_whisper": ("speech",),
    "ctranslate2": ("speech",),
    "PyQt5": ("desk",),
    "pyqtgraph": ("desk",),
    "qtawesome": ("desk",),
    "sounddevice": ("desk",),
    "cryptography": ("service",),
    "pkcs11": ("service",),
}
TORCH_IN_SPEECH = {"voices.py", "sound_states.py", "voiceprint.py", "torchaudio_shim.py"}
LINES = 400
FUNCTION_LINES = 60
MODULES = 20  #: in one folder
BANNED_NAMES = {"utils", "helpers", "common", "base", "manager", "misc"}


@cache
def tree(path):
    """Of a file; parsed once for all tests."""
    return ast.parse(path.read_text())


@cache
def nodes(path):
    """Every node of a file."""
    return tuple(ast.walk(tree(path)))


def imports(path):
    """Every dotted name `path` imports."""
    for node in nodes(path):
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
            assert name != "dubsync", f"{path}: import the module that defines the name"
            other = rest.split(".")[0]
            if top == "dubsync" and other and other != part:
                assert storey(other) < storey(part), f"{path}: {part} may not import {other}"
                assert (part, other) != ("service", "engine"), f"{path}: load the engine by name"


def test_only_the_package_of_keys_meets_private_keys():
    kept = ROOT / "service" / "keys"
    for path, _ in files():
        met = {"cryptography", "pkcs11"} & {name.partition(".")[0] for name in imports(path)}
        assert not met or path.parent == kept, f"{path} imports {met}"


def test_files_stay_readable():
    long = {p.name: n for p, _ in files() if (n := len(p.read_text().splitlines())) > LINES}
    assert not long


def test_functions_fit_on_a_screen():
    long = {
        f"{path.name}:{node.name}": node.end_lineno - node.lineno + 1
        for path, _ in files()
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= FUNCTION_LINES
    }
    assert not long


def test_file_names_say_what_is_inside():
    assert not [path for path, _ in files() if path.stem in BANNED_NAMES]


def test_everything_public_is_documented():
    bare = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path, _ in files()
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not bare


def test_nothing_is_pickled():
    for path, _ in files():
        assert not {"pickle", "marshal", "shelve"} & set(imports(path)), path


#: The one place that catches every exception, so that one shot's fault does not end the others.
BOUNDARY = ("service/fault.py", "bounded")


def test_one_except_catches_everything():
    """In BOUNDARY alone; cli/fault.py is an exception hook, and catches nothing."""
    inside, (file, function) = [], BOUNDARY
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            inside = [n.lineno for n in ast.walk(node) if isinstance(n, ast.ExceptHandler)
                      and n.type and ast.unparse(n.type) == "Exception"]  # fmt: skip
    assert len(inside) == 1
    for path, _ in files():
        for node in nodes(path):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "everything"
                if path == ROOT / file and node.lineno in inside:
                    continue
                assert caught not in {"everything", "Exception", "BaseException"}, (
                    f"{path}:{node.lineno} catches {caught}"
                )


def module_name(path):
    """The dotted name of the module, or of the package whose `__init__` it is."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_graph():
    """Module -> modules of dubsync that it imports, in functions and `if TYPE_CHECKING` too.

    Without dubsync itself: its `__init__` is the public API, and may name anything.
    """
    paths = {module_name(path): path for path in ROOT.rglob("*.py")}
    del paths["dubsync"]
    graph = {name: set() for name in paths}
    for name, path in paths.items():
        for node in nodes(path):
            if isinstance(node, ast.Import):
                graph[name] |= paths.keys() & {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules = {f"{node.module}.{alias.name}" for alias in node.names} & paths.keys()
                graph[name] |= modules or ({node.module} & paths.keys())
    return graph


def test_no_imports_form_a_circle():
    try:
        TopologicalSorter(import_graph()).prepare()
    except CycleError as error:
        raise AssertionError("imports form a circle: " + " -> ".join(error.args[1])) from None


def test_no_folder_holds_more_modules_than_one_can_take_in():
    counts = {}
    for path in [*ROOT.rglob("*.py"), *TESTS.rglob("*.py")]:
        if path.stem != "__init__":
            counts[path.parent] = counts.get(path.parent, 0) + 1
    assert not {str(folder): n for folder, n in counts.items() if n > MODULES}


def test_every_package_says_what_it_may_import():
    silent = [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("__init__.py")
        if path.parent != ROOT
        and not any(
            line.startswith("May import:")
            for line in (ast.get_docstring(tree(path)) or "").splitlines()
        )
    ]
    assert not silent
