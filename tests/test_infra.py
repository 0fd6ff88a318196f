"""The set-up, the pinned versions, and the databases the tests stand on."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parents[1]


def test_cluster_answers_with_its_version(postgres_cluster: Cluster) -> None:
    with postgres_cluster.admin() as connection:
        row = connection.execute("SHOW server_version").fetchone()
    assert row is not None
    assert int(row[0].split(".")[0]) >= 13


def test_cluster_listens_on_no_network_address(postgres_cluster: Cluster) -> None:
    with postgres_cluster.admin() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_database_url_gives_a_migrated_database(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    tables = sa.inspect(engine).get_table_names()
    engine.dispose()
    assert "alembic_version" in tables
    assert len(tables) > 1


def test_empty_database_url_gives_a_database_without_tables(empty_database_url: str) -> None:
    engine = sa.create_engine(empty_database_url)
    tables = sa.inspect(engine).get_table_names()
    engine.dispose()
    assert tables == []


def test_constraints_are_exact_versions_without_addresses() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[\w.-]+==[\w.+]+", line)] == []


@pytest.mark.parametrize("extra", ["base", "dev"])
def test_every_dependency_is_pinned(extra: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] if extra == "base" else project["optional-dependencies"][extra]
    pins = re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(), flags=re.MULTILINE)
    names = {re.split(r"[\[<>=]", line)[0] for line in wanted}
    assert {plain(name) for name in names} <= {plain(name) for name in pins}


def plain(name: str) -> str:
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_npm_lock_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "frontend" / "package-lock.json").read_text()


def test_npm_lock_holds_every_platforms_optional_package() -> None:
    """npm ci refuses a lock that leaves out the binaries of systems other than the writer's."""
    packages = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]
    installed = {path.rpartition("node_modules/")[2] for path in packages}
    optional = {
        name for package in packages.values() for name in package.get("optionalDependencies", {})
    }
    assert optional - installed == set()


def test_npm_lock_agrees_with_package_json() -> None:
    package = json.loads((ROOT / "frontend" / "package.json").read_text())
    locked = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"][""]
    for kind in ("dependencies", "devDependencies"):
        assert locked.get(kind) == package.get(kind)


def test_set_up_refuses_an_old_python_and_says_the_remedy(tmp_path: Path) -> None:
    """A PATH on which every Python is too old, as seen by the script's own question."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup.sh", tmp_path / "scripts")
    old = tmp_path / "bin" / "python3"
    old.parent.mkdir()
    old.write_text('#!/bin/sh\n[ "$1" = --version ] || exit 1\necho "Python 3.8.10"\n')
    old.chmod(0o755)
    for tool in ("dirname", "sh"):
        found = shutil.which(tool)
        assert found is not None
        (old.parent / tool).symlink_to(found)
    done = subprocess.run(
        ["sh", str(tmp_path / "scripts" / "setup.sh"), "base"],
        env={"PATH": str(old.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or newer (found: Python 3.8.10)" in done.stderr


@pytest.mark.parametrize(("printed", "found"), [("v18.20.4", "v18.20.4"), ("", "none")])
def test_set_up_refuses_an_old_node_and_says_the_remedy(
    tmp_path: Path, printed: str, found: str
) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {printed}\n")
    node.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", "from scripts.setup import check_node; check_node()"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert f"needs Node 20.19 or newer (found: {found})" in done.stderr
