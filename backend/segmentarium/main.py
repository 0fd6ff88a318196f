"""The composition root: settings → application."""

from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager

from fastapi import FastAPI

from segmentarium import __version__
from segmentarium.api import (
    annotations,
    categories,
    health,
    images,
    imports,
    jobs,
    projects,
    proposals,
    segment_maps,
    session,
    simplifications,
)
from segmentarium.api.context import AppContext
from segmentarium.api.guard import Guard
from segmentarium.api.problems import install_problem_handlers
from segmentarium.api.web import install_web
from segmentarium.engines import use_networks
from segmentarium.jobs.runner import JobRunner
from segmentarium.jobs.worker import WorkerProcess
from segmentarium.networks.folder import NetworkFolder
from segmentarium.services.ahead import DecodeAhead
from segmentarium.services.cleanup import Cleaner
from segmentarium.services.embeddings import EmbeddingCache
from segmentarium.services.engine_queue import EngineQueue
from segmentarium.services.pixels import PixelCache
from segmentarium.services.preparing import Preparation, hash_of_image
from segmentarium.settings import Settings
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database

_ROUTERS = (
    session.router,
    health.router,
    projects.router,
    categories.router,
    images.router,
    annotations.router,
    proposals.router,
    simplifications.router,
    segment_maps.router,
    jobs.router,
    imports.router,
)


def create_app(
    settings: Settings, make_executor: Callable[[], Executor] = WorkerProcess
) -> FastAPI:
    """An application on a migrated database.

    Args:
        settings: where everything lies.
        make_executor: what runs the jobs; a worker process by default.
    """
    database = Database(settings.resolved_database_url)
    blobs = BlobStore(settings.data_dir)
    use_networks(NetworkFolder(settings.networks_dir), settings.resolved_network_threads)
    pixels = PixelCache(blobs, settings.pixel_cache_bytes)
    embeddings = EmbeddingCache(settings.embedding_cache_bytes)
    preparation = Preparation(pixels, embeddings)

    def prepare(user_id: int, sha256: str, next_id: int | None) -> None:
        preparation.open(user_id, sha256, lambda: hash_of_image(database, next_id))

    context = AppContext(
        settings=settings,
        database=database,
        blobs=blobs,
        pixels=pixels,
        engine_queue=EngineQueue(
            fast_threads=settings.engine_threads,
            most_waiting=settings.engine_most_waiting,
        ),
        ahead=DecodeAhead(prepare),
        embeddings=embeddings,
        preparation=preparation,
        runner=JobRunner(database, settings.data_dir, make_executor),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        cleaner = Cleaner(database, blobs)
        context.runner.resume()
        cleaner.start()
        context.ahead.start()
        yield
        context.ahead.stop()
        cleaner.stop()
        context.engine_queue.stop()
        context.preparation.stop()
        context.runner.stop()
        database.close()

    app = FastAPI(
        title="Segmentarium",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.context = context
    install_problem_handlers(app)
    app.add_middleware(Guard, context=context)
    for router in _ROUTERS:
        app.include_router(router, prefix="/api")
    install_web(app, settings.frontend_dir, settings.docs_dir)
    return app
