"""The container files say things that are true of this tree. No Docker is needed to check that."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())

# The parts of the Compose specification that the file uses; any other key is a slip.
TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
DURATION = {"type": "string", "pattern": r"^\d+(ms|s|m|h)$"}
SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "oneOf": [{"required": ["image"]}, {"required": ["build"]}],
    "required": ["restart", "healthcheck"],
    "properties": {
        "image": {"type": "string", "pattern": r"^[a-z0-9./-]+:[\w.-]+$"},
        "build": TEXT,
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"condition": {"const": "service_healthy"}},
            },
        },
        "environment": {"type": "object", "additionalProperties": TEXT},
        "ports": TEXTS,
        "volumes": TEXTS,
        "healthcheck": {
            "type": "object",
            "additionalProperties": False,
            "required": ["test"],
            "properties": {
                "test": {"type": "array", "items": TEXT, "minItems": 2},
                "interval": DURATION,
                "timeout": DURATION,
                "start_period": DURATION,
                "retries": {"type": "integer", "minimum": 1},
            },
        },
    },
}
COMPOSE_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["services"],
    "properties": {
        "services": {"type": "object", "additionalProperties": SERVICE},
        "volumes": {"type": "object", "additionalProperties": {"type": "null"}},
    },
}


def instructions(name: str) -> list[str]:
    """The arguments of every such instruction, continued lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^\s*{name}\s+(.*)$", joined, flags=re.MULTILINE)


def copied_sources() -> list[str]:
    """Every path that the Dockerfile copies out of the working tree."""
    sources = []
    for arguments in instructions("COPY"):
        *paths, _target = shlex.split(arguments)
        if not paths[0].startswith("--from="):
            sources += paths
    return sources


def test_compose_file_follows_the_specification() -> None:
    jsonschema.validate(COMPOSE, COMPOSE_SCHEMA)


def test_compose_names_only_services_and_volumes_it_has() -> None:
    services, volumes = COMPOSE["services"], COMPOSE["volumes"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        assert {mount.split(":")[0] for mount in service.get("volumes", [])} <= set(volumes)


def test_compose_publishes_the_app_on_this_machine_only() -> None:
    published = [
        port for service in COMPOSE["services"].values() for port in service.get("ports", [])
    ]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_compose_holds_no_password_and_asks_for_one() -> None:
    passwords = [
        COMPOSE["services"]["database"]["environment"]["POSTGRES_PASSWORD"],
        re.sub(
            r"^.*?//segmentarium:|@database/.*$",
            "",
            COMPOSE["services"]["app"]["environment"]["SEGMENTARIUM_DATABASE_URL"],
        ),
    ]
    assert all(re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}", text) for text in passwords)


@pytest.mark.parametrize("source", copied_sources())
def test_every_copied_path_exists_and_reaches_the_build(source: str) -> None:
    assert (ROOT / source).exists()
    allowed = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if "!" in line
    ]
    assert source.split("/")[0] in allowed


def test_the_image_starts_a_console_script_of_the_package() -> None:
    [start] = [arguments for arguments in instructions("CMD") if "segmentarium" in arguments]
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert json.loads(start)[0] in scripts


def test_npm_scripts_of_the_image_exist() -> None:
    scripts = json.loads((ROOT / "frontend" / "package.json").read_text())["scripts"]
    called = re.findall(r"npm run (\w+)", DOCKERFILE)
    assert called
    assert set(called) <= set(scripts)


def test_the_image_does_not_run_as_root() -> None:
    users = instructions("USER")
    assert users
    assert users[-1] not in ("root", "0")


def test_port_and_health_check_are_the_same_everywhere() -> None:
    [exposed] = instructions("EXPOSE")
    app = COMPOSE["services"]["app"]
    [port] = app["ports"]
    assert port.endswith(f":{exposed}")
    for text in (DOCKERFILE, json.dumps(app["healthcheck"])):
        assert f"http://127.0.0.1:{exposed}/api/health" in text
    assert f'"--port", "{exposed}"' in DOCKERFILE


def test_every_setting_named_in_the_container_files_is_one_the_server_reads() -> None:
    settings = (ROOT / "backend" / "segmentarium" / "settings.py").read_text()
    compose = (ROOT / "docker-compose.yml").read_text()
    named = set(re.findall(r"\bSEGMENTARIUM_([A-Z_]+)", DOCKERFILE + compose))
    # The port on this machine is Compose's own matter.
    assert all(re.search(rf"\b{name.lower()}\b", settings) for name in named - {"PORT"})
