"""A server with a promptable network installed, as a client sees it."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from segmentarium.engines import engine_named
from segmentarium.engines.base import EmbeddingEngine, NetworkEngine, OptionValue, check_options
from segmentarium.main import create_app
from segmentarium.networks.folder import NetworkFolder
from segmentarium.services.engine_queue import Lane
from segmentarium.services.lanes import route_of
from segmentarium.services.networks import add_network
from segmentarium.settings import Settings
from segmentarium.storage.database import migrate
from segmentarium.storage.images import get_image
from tests.api.client import BASE_URL, Api, TestClient
from tests.api.pictures import disk_png
from tests.networks import onnx_files

PROMPT = {"bbox_xywh": [20, 15, 70, 55]}


@pytest.fixture
def api(networks: NetworkFolder, sam_folder: Path) -> Iterator[Api]:
    """A running application in whose data folder a SAM is installed."""
    add_network(networks, str(sam_folder))
    settings = Settings(data_dir=networks.path.parent, network_threads=1)
    migrate(settings.resolved_database_url)
    with ThreadPoolExecutor(1) as executor:
        app = create_app(settings, make_executor=lambda: executor)
        with TestClient(app, base_url=BASE_URL) as owner:
            api = Api(app, owner, executor)
            owner.post("/api/session", json={"token": api.secret("sign_in")})
            yield api


def is_read(api: Api, image: int, options: Mapping[str, OptionValue] | None = None) -> bool:
    """Whether an embedding of the image is kept."""
    engine = engine_named("sam")
    assert isinstance(engine, EmbeddingEngine)
    with api.context.database.read() as session:
        sha256 = get_image(session, image).sha256
    cache = api.context.embeddings
    return cache.has(cache.key(sha256, engine, check_options(engine, options or {})))


def comes_true(condition: Callable[[], bool], within_s: float = 30) -> bool:
    """Whether it does before the time is over."""
    until = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_the_engine_is_listed_as_available_with_its_checkpoint(api: Api) -> None:
    items = {item["name"]: item for item in api.owner.get("/api/engines").json()["items"]}
    assert (items["sam"]["available"], items["sam"]["reason"]) == (True, None)
    options = {option["name"]: option for option in items["sam"]["options"]}
    assert options["checkpoint"]["choices"] == ["tiny-sam"]
    assert not items["onnx"]["available"]
    assert "segmentarium models add" in items["onnx"]["reason"]


def test_opening_an_image_reads_it_and_the_next_one_ahead(api: Api) -> None:
    project = api.project()
    images = [api.image(project, disk_png(120, 90, x, 45, 20)) for x in (30, 50, 70)]
    assert api.owner.get(f"/api/images/{images[0]}").status_code == 200
    assert comes_true(lambda: is_read(api, images[0]) and is_read(api, images[1]))
    assert not is_read(api, images[2])
    assert api.owner.get(f"/api/images/{images[2]}").status_code == 200
    assert comes_true(lambda: is_read(api, images[2]))


def test_the_checkpoint_that_was_prompted_reads_the_images_to_come(
    api: Api, networks: NetworkFolder, sam2_folder: Path
) -> None:
    project = api.project()
    images = [api.image(project, disk_png(120, 90, x, 45, 20)) for x in (30, 50)]
    add_network(networks, str(sam2_folder))
    options = {"checkpoint": "tiny-sam"}
    body = {"engine": "sam", "prompt": PROMPT, "options": options}
    assert api.owner.post(f"/api/images/{images[0]}/auto-annotate", json=body).status_code == 200
    assert api.owner.get(f"/api/images/{images[1]}").status_code == 200
    assert comes_true(lambda: is_read(api, images[1], options))
    assert not is_read(api, images[1])


def test_a_proposal_of_the_network_is_the_same_read_ahead_or_not(api: Api) -> None:
    image = api.image(api.project(), disk_png(120, 90, 60, 45, 20))
    body = {"engine": "sam", "prompt": PROMPT}
    first = api.owner.post(f"/api/images/{image}/auto-annotate", json=body)
    assert first.status_code == 200, first.text
    assert is_read(api, image)
    second = api.owner.post(f"/api/images/{image}/auto-annotate", json=body).json()
    assert first.json()["engine"] == "sam"
    assert first.json() | {"elapsed_ms": 0} == second | {"elapsed_ms": 0}


@pytest.fixture
def crowded(api: Api) -> Iterator[Callable[..., None]]:
    """Fills lanes with work that lasts until the test is over."""
    done = threading.Event()

    def fill(*lanes: Lane) -> None:
        for lane in lanes:
            api.context.engine_queue.submit(lane, lambda: done.wait(30))

    yield fill
    done.set()


def test_a_prompt_on_an_image_that_was_read_waits_for_no_slow_engine(
    api: Api, crowded: Callable[..., None]
) -> None:
    image = api.image(api.project(), disk_png(120, 90, 60, 45, 20))
    body = {"engine": "sam", "prompt": PROMPT}
    first = api.owner.post(f"/api/images/{image}/auto-annotate", json=body)
    crowded(Lane.SLOW, Lane.READING)
    second = api.owner.post(f"/api/images/{image}/auto-annotate", json=body)
    assert second.json() | {"elapsed_ms": 0} == first.json() | {"elapsed_ms": 0}


def test_an_image_is_read_for_a_prompt_behind_no_slow_engine_and_in_the_way_of_no_fast_one(
    api: Api, crowded: Callable[..., None]
) -> None:
    image = api.image(api.project(), disk_png(120, 90, 60, 45, 20))
    crowded(Lane.SLOW, *[Lane.FAST] * api.context.settings.engine_threads)
    body = {"engine": "sam", "prompt": PROMPT}
    assert api.owner.post(f"/api/images/{image}/auto-annotate", json=body).status_code == 200


def test_a_damaged_network_is_a_problem_that_says_what_to_do(
    api: Api, networks: NetworkFolder
) -> None:
    image = api.image(api.project(), disk_png(120, 90, 60, 45, 20))
    (networks.named("tiny-sam").folder / "config.json").write_text("{}")
    body = {"engine": "sam", "prompt": PROMPT}
    answer = api.owner.post(f"/api/images/{image}/auto-annotate", json=body)
    assert answer.status_code == 503
    assert answer.json()["type"] == "/docs/errors#network-refused"
    assert "segmentarium models remove tiny-sam" in answer.json()["detail"]


def test_a_network_is_loaded_out_of_the_way_of_fast_engines_and_then_is_one(
    api: Api, networks: NetworkFolder, tmp_path: Path, crowded: Callable[..., None]
) -> None:
    add_network(networks, str(onnx_files.brightness(tmp_path / "light.onnx")))
    engine = engine_named("onnx")
    assert isinstance(engine, NetworkEngine)
    image = api.image(api.project(), disk_png(120, 90, 60, 45, 20))
    body = {"engine": "onnx", "prompt": PROMPT}
    crowded(Lane.SLOW, *[Lane.FAST] * api.context.settings.engine_threads)
    assert not engine.is_loaded({"network": "light"})
    assert api.owner.post(f"/api/images/{image}/auto-annotate", json=body).status_code == 200
    assert engine.is_loaded({"network": "light"})
    route = route_of(engine, {}, api.context.embeddings.of("any"))
    assert route.lane is Lane.FAST
