"""The house rules that can be checked by reading the source."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
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


@cache
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


def offenders(paths: Iterable[Path], found: Callable[[Path], Collection[object]]) -> dict[str, str]:
    """The files in which something is found that should not be there, and what."""
    return {name_of(path): str(what) for path in paths if (what := found(path))}


def lines_of(path: Path, is_wrong: Callable[[ast.AST], bool]) -> list[int]:
    """The lines of what is wrong in a Python file."""
    return [getattr(node, "lineno", 0) for node in ast.walk(syntax(path)) if is_wrong(node)]


def test_no_file_is_too_long() -> None:
    assert (
        offenders(
            [*PYTHON_FILES, *FRONTEND_FILES],
            lambda path: path.read_text().splitlines()[LONGEST_FILE:],
        ).keys()
        == set()
    )


def test_core_imports_no_framework() -> None:
    core = sorted((BACKEND / "core").glob("*.py"))
    assert offenders(core, lambda path: imported_packages(path) & CORE_FORBIDS) == {}


def commits(node: ast.AST) -> bool:
    """Whether it is a call of something's `commit`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    )


def test_nothing_below_the_session_dependency_commits() -> None:
    assert offenders(files_but(MAY_COMMIT), lambda path: lines_of(path, commits)) == {}


def test_imports_stand_at_the_top() -> None:
    """Only an engine or a network may wait with a heavy library until it is first used."""
    files = [path for path in BACKEND_FILES if path.relative_to(BACKEND).parts[0] not in MAY_WAIT]

    def inside(path: Path) -> list[int]:
        return [node.lineno for node in imports_inside_functions(syntax(path))]

    assert offenders(files, inside) == {}


@pytest.mark.parametrize("library", ["skimage", "scipy", "onnxruntime", "torch"])
def test_engines_are_found_without_loading_a_heavy_library(library: str) -> None:
    script = f"import sys, segmentarium.engines; sys.exit({library!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0


def test_input_is_never_checked_by_assert() -> None:
    def asserts(path: Path) -> list[int]:
        return lines_of(path, lambda node: isinstance(node, ast.Assert))

    assert offenders(PYTHON_FILES, asserts) == {}


def test_exceptions_are_named() -> None:
    def catches(node: ast.AST) -> bool:
        return isinstance(node, ast.ExceptHandler) and catches_everything(node)

    assert offenders(files_but(MAY_CATCH_ALL), lambda path: lines_of(path, catches)) == {}


def test_only_the_editor_and_the_tools_import_openlayers() -> None:
    files = [
        path
        for path in TYPESCRIPT_FILES
        if path.relative_to(FRONTEND).parts[0] not in MAY_IMPORT_OPENLAYERS
    ]

    def openlayers(path: Path) -> set[str]:
        return {name for name in imported_modules(path) if name.split("/")[0] == "ol"}

    assert offenders(files, openlayers) == {}


def test_editor_tools_and_geometry_know_no_react() -> None:
    files = [
        path for path in TYPESCRIPT_FILES if path.relative_to(FRONTEND).parts[0] in KNOW_NO_REACT
    ]

    def react(path: Path) -> set[str]:
        return {name for name in imported_modules(path) if re.match(r"react\b|@mantine/", name)}

    assert offenders(files, react) == {}


@pytest.mark.parametrize("name", sorted(MAY_COMMIT | MAY_CATCH_ALL))
def test_every_exception_to_a_rule_is_still_needed(name: str) -> None:
    assert (BACKEND / name).is_file()
