from pathlib import Path

import pytest
from pydantic import ValidationError

from segmentarium.settings import Settings

ENVIRONMENT = {
    "DATA_DIR": "/srv/segmentarium",
    "DATABASE_URL": "postgresql+psycopg://db/segmentarium",
    "HOST": "0.0.0.0",
    "PORT": "8123",
    "ALLOWED_HOSTS": "label.example.org",
    "OWNER": "ada",
    "FRONTEND_DIR": "/srv/frontend",
    "DOCS_DIR": "/srv/docs",
    "MAX_IMAGE_PIXELS": "11",
    "MAX_IMAGE_BYTES": "12",
    "MAX_REQUEST_BYTES": "13",
    "MAX_JSON_BYTES": "14",
    "PIXEL_CACHE_BYTES": "15",
    "ENGINE_THREADS": "3",
    "ENGINE_MOST_WAITING": "5",
    "EMBEDDING_CACHE_BYTES": "16",
    "NETWORK_THREADS": "3",
    "SECURE_COOKIE": "true",
}
VALUES = {
    "data_dir": Path("/srv/segmentarium"),
    "database_url": "postgresql+psycopg://db/segmentarium",
    "host": "0.0.0.0",
    "port": 8123,
    "allowed_hosts": ("label.example.org",),
    "owner": "ada",
    "frontend_dir": Path("/srv/frontend"),
    "docs_dir": Path("/srv/docs"),
    "max_image_pixels": 11,
    "max_image_bytes": 12,
    "max_request_bytes": 13,
    "max_json_bytes": 14,
    "pixel_cache_bytes": 15,
    "engine_threads": 3,
    "engine_most_waiting": 5,
    "embedding_cache_bytes": 16,
    "network_threads": 3,
    "secure_cookie": True,
}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of whoever runs the tests do not count."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(f"SEGMENTARIUM_{name}", raising=False)


def test_every_setting_has_its_name_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(f"SEGMENTARIUM_{name}", value)
    assert Settings().model_dump() == VALUES


def test_names_without_the_prefix_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")
    assert Settings().port == 8000


def test_a_given_value_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENTARIUM_PORT", "8123")
    assert Settings(port=9000).port == 9000


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("", ()),
        ("a.example", ("a.example",)),
        ("a.example,b.example", ("a.example", "b.example")),
        (" A.Example , ,b.example,", ("a.example", "b.example")),
    ],
)
def test_allowed_hosts_are_split_at_commas(
    monkeypatch: pytest.MonkeyPatch, text: str, hosts: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SEGMENTARIUM_ALLOWED_HOSTS", text)
    assert Settings().allowed_hosts == hosts


def test_settings_cannot_be_changed() -> None:
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 9000  # type: ignore[misc]


def test_the_tool_listens_on_this_machine_only_by_default() -> None:
    assert Settings().host == "127.0.0.1"


def test_the_database_lies_in_the_data_folder_by_default(tmp_path: Path) -> None:
    url = Settings(data_dir=tmp_path).resolved_database_url
    assert url == f"sqlite:///{tmp_path / 'segmentarium.sqlite'}"


def test_a_database_url_is_used_as_it_stands() -> None:
    url = "postgresql+psycopg://db/segmentarium"
    assert Settings(database_url=url).resolved_database_url == url


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_by_the_driver_that_is_installed(scheme: str) -> None:
    url = Settings(database_url=f"{scheme}://ada:pw@db:5432/segmentarium").resolved_database_url
    assert url == "postgresql+psycopg://ada:pw@db:5432/segmentarium"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://x:hush@y/z",
        "postgresql+psycopg2://x:hush@y/z",
        "hush",
        "postgresql://x:hu:sh@y:z/w",
    ],
)
def test_what_is_no_database_that_can_be_used_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValidationError, match="postgresql://") as refused:
        Settings(database_url=url)
    assert all("hu" not in fault["msg"] for fault in refused.value.errors())


@pytest.mark.parametrize(
    ("name", "text"),
    [("PORT", "65536"), ("PORT", "-1"), ("MAX_IMAGE_PIXELS", "0"), ("MAX_JSON_BYTES", "many")],
)
def test_a_value_out_of_its_range_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(f"SEGMENTARIUM_{name}", text)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_a_network_has_a_bounded_number_of_threads_unless_told_otherwise() -> None:
    assert 1 <= Settings().resolved_network_threads <= 4
    assert Settings(network_threads=9).resolved_network_threads == 9
