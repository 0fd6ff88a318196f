"""The house rules that can be checked by reading the source."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BACKEND = ROOT / "backend" / "segmentarium"
MODELS = ROOT / "models" / "segnets"
FRONTEND = ROOT / "frontend" / "src"

LONGEST_FILE = 400
# Where a transaction ends: the session dependency, the job runner, and the functions beneath both.
MAY_COMMIT = {"storage/database.py", "api/deps.py", "jobs/runner.py"}
# Where anything that was raised becomes a problem; elsewhere the exception is named.
MAY_CATCH_ALL = {"api/problems.py", "jobs/runner.py"}
MAY_WAIT = {"engines", "networks"}
CORE_FORBIDS = {"fastapi", "httpx", "pydantic", "sqlalchemy", "starlette", "torch"}
MAY_IMPORT_OPENLAYERS = {"editor", "tools"}
KNOW_NO_REACT = ("editor", "tools", "geometry")

BACKEND_FILES = sorted(BACKEND.rglob("*.py"))
PYTHON_FILES = sorted([*BACKEND_FILES, *MODELS.rglob("*.py")])
FRONTEND_FILES = sorted(
    path
    for suffix in ("ts", "tsx", "css")
    for path in FRONTEND.rglob(f"*.{suffix}")
    if path.name != "schema.gen.ts"
)
TYPESCRIPT_FILES = [path for path in FRONTEND_FILES if path.suffix != ".css"]


def files_but(exceptions: set[str]) -> list[Path]:
    """Files of the backend, but for those named relative to it."""
    return [
        path for path in BACKEND_FILES if path.relative_to(BACKEND).as_posix() not in exceptions
    ]


def name_of(path: Path) -> str:
    """A file's path inside the project, for a test's id."""
    return path.relative_to(ROOT).as_posix()


def syntax(path: Path) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse(path.read_text(), filename=str(path))


def imported_packages(path: Path) -> set[str]:
    """The first names of everything a Python file imports."""
    names = set()
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def imported_modules(path: Path) -> set[str]:
    """What a TypeScript file imports, as written."""
    pattern = r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']"""
    return set(re.findall(pattern, path.read_text()))


def imports_inside_functions(tree: ast.Module) -> Iterator[ast.stmt]:
    """Import statements that run when a function is called."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield node


def catches_everything(handler: ast.ExceptHandler) -> bool:
    """Whether a handler is bare, or names Exception or BaseException."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException"))
        for kind in caught
    )


def test_imports_point_down() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", [*PYTHON_FILES, *FRONTEND_FILES], ids=name_of)
def test_no_file_is_too_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", sorted((BACKEND / "core").glob("*.py")), ids=name_of)
def test_core_imports_no_framework(path: Path) -> None:
    assert imported_packages(path) & CORE_FORBIDS == set()


@pytest.mark.parametrize("path", files_but(MAY_COMMIT), ids=name_of)
def test_nothing_below_the_session_dependency_commits(path: Path) -> None:
    commits = [
        node.lineno
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    ]
    assert commits == []


@pytest.mark.parametrize(
    "path",
    [path for path in BACKEND_FILES if path.relative_to(BACKEND).parts[0] not in MAY_WAIT],
    ids=name_of,
)
def test_imports_stand_at_the_top(path: Path) -> None:
    """Only an engine or a network may wait with a heavy library until it is first used."""
    assert [node.lineno for node in imports_inside_functions(syntax(path))] == []


@pytest.mark.parametrize("library", ["skimage", "scipy", "onnxruntime", "torch"])
def test_engines_are_found_without_loading_a_heavy_library(library: str) -> None:
    script = f"import sys, segmentarium.engines; sys.exit({library!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0


@pytest.mark.parametrize("path", PYTHON_FILES, ids=name_of)
def test_input_is_never_checked_by_assert(path: Path) -> None:
    asserts = [node.lineno for node in ast.walk(syntax(path)) if isinstance(node, ast.Assert)]
    assert asserts == []


@pytest.mark.parametrize("path", files_but(MAY_CATCH_ALL), ids=name_of)
def test_exceptions_are_named(path: Path) -> None:
    handlers = [node for node in ast.walk(syntax(path)) if isinstance(node, ast.ExceptHandler)]
    assert [node.lineno for node in handlers if catches_everything(node)] == []


@pytest.mark.parametrize("path", TYPESCRIPT_FILES, ids=name_of)
def test_only_the_editor_and_the_tools_import_openlayers(path: Path) -> None:
    if path.relative_to(FRONTEND).parts[0] not in MAY_IMPORT_OPENLAYERS:
        assert {name for name in imported_modules(path) if name.split("/")[0] == "ol"} == set()


@pytest.mark.parametrize("path", TYPESCRIPT_FILES, ids=name_of)
def test_editor_tools_and_geometry_know_no_react(path: Path) -> None:
    if path.relative_to(FRONTEND).parts[0] in KNOW_NO_REACT:
        assert {
            name for name in imported_modules(path) if re.match(r"react\b|@mantine/", name)
        } == set()


@pytest.mark.parametrize("name", sorted(MAY_COMMIT | MAY_CATCH_ALL))
def test_every_exception_to_a_rule_is_still_needed(name: str) -> None:
    assert (BACKEND / name).is_file()
