"""What the documentation says is there."""

import ast
import re
from pathlib import Path

import pytest

from scripts import draw_geometry
from segmentarium.engines import ENGINES
from segmentarium.engines.base import Engine
from tests.api.routes import ROUTES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "models").rglob("*.md")])


def name_of(path: Path) -> str:
    """A page's path inside the project, for a test's id."""
    return path.relative_to(ROOT).as_posix()


def relative_links(text: str) -> list[str]:
    """Targets of Markdown links and of HTML's src and href, without those on the web."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    targets = re.findall(r"\]\(<?([^)\s>]+)", prose) + re.findall(r'(?:src|href)="([^"]+)"', prose)
    return [target for target in targets if not re.match(r"[a-z][a-z0-9+.-]*:", target)]


def headings(text: str) -> set[str]:
    """The anchors of a page, as GitHub makes them from its headings."""
    titles = re.findall(r"^#+\s+(.*?)\s*$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def problem_slugs() -> list[str]:
    """Every `slug = "..."` and `slug, title = "...", "..."` of the error tree."""
    slugs: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / "backend/segmentarium/core/errors.py").read_text())):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        for name, value in zip(names, values, strict=False):
            if isinstance(name, ast.Name) and name.id == "slug":
                slugs.add(str(ast.literal_eval(value)))
    return sorted(slugs)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in relative_links(page.read_text()):
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (
            anchor and target.suffix == ".md" and anchor not in headings(target.read_text())
        ):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    code = re.findall(r"```.*?```|`[^`]+`", page.read_text(), flags=re.DOTALL)
    named = {name for text in code for name in re.findall(r"\bmake ([a-z]+)", text)}
    assert named - targets == set()


def test_the_error_tree_has_slugs() -> None:
    assert problem_slugs()


@pytest.mark.parametrize("slug", problem_slugs())
def test_every_problem_has_a_section_in_the_errors_page(slug: str) -> None:
    assert slug in headings((DOCS / "errors.md").read_text())


@pytest.mark.parametrize("engine", ENGINES.values(), ids=lambda engine: engine.name)
def test_every_engine_has_a_section_that_lists_its_options(engine: Engine) -> None:
    sections = re.split(r"^## ", (DOCS / "engines.md").read_text(), flags=re.MULTILINE)
    section = next((text for text in sections if text.split("\n")[0] == engine.name), "")
    assert [option.name for option in engine.options if f"`{option.name}`" not in section] == []
    assert section


@pytest.mark.parametrize("package", ["python", "npm"])
def test_every_dependency_has_its_reason(package: str) -> None:
    text = (DOCS / "dependencies.md").read_text()
    if package == "npm":
        source = (ROOT / "frontend" / "package.json").read_text()
        named = re.findall(r'^    "([^"]+)": "[~^]?\d', source, flags=re.MULTILINE)
    else:
        source = (ROOT / "pyproject.toml").read_text()
        listed = source.split("dependencies = [", 1)[1].split("[project.scripts]")[0]
        named = re.findall(r'"([a-z][\w.-]*)', listed)
    assert [name for name in named if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", draw_geometry.PICTURES)
def test_a_picture_of_the_geometry_shows_what_the_code_does_now(name: str) -> None:
    assert (draw_geometry.FOLDER / name).read_text() == draw_geometry.PICTURES[name]()


def calls_of_the_page() -> set[tuple[str, str]]:
    """Method and path of every call in the table of docs/api.md.

    `GET/POST /x` is two calls; a method alone is of the path before it, a path alone stands for its last part.
    """
    calls: set[tuple[str, str]] = set()
    for cell in re.findall(r"^\| (`.*?`) \|", (DOCS / "api.md").read_text(), flags=re.MULTILINE):
        methods, path = "", ""
        for token in re.findall(r"`([^`]+)`", cell):
            words = token.partition("?")[0].split()
            methods = words[0] if words[0].isupper() else methods
            if words[0].startswith("/"):
                path = path.rpartition("/")[0] + words[0]
            elif len(words) == 2:
                path = words[1]
            calls |= {(method, path) for method in methods.split("/")}
    return calls


def test_the_page_of_the_api_tells_every_call_and_no_other() -> None:
    contract = {
        (method, re.sub(r"\{\w+\}", "{id}", path.removeprefix("/api"))) for method, path in ROUTES
    }
    assert calls_of_the_page() == contract


def test_the_page_of_complaints_names_tests_that_there_are() -> None:
    page = (DOCS / "complaints.md").read_text()
    named = re.findall(r"`([\w/-]+\.(?:py|test\.ts))(?:: ([^`]+))?`", page)
    assert len(named) > 20
    for file, title in named:
        folder = ROOT / ("tests" if file.endswith(".py") else "frontend/src")
        assert (folder / file).is_file(), file
        assert not title or title in (folder / file).read_text(), title
