"""The browser's side: the built frontend, and the page that describes the problems."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI, HTTPException
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from segmentarium.core.errors import NotFound

_ICONS = {"/favicon.svg", "/favicon.ico"}
_NOT_BUILT = (
    "<!doctype html><title>Segmentarium</title><h1>The frontend is not built</h1>"
    "<p>Run <code>make run</code>, or <code>npm ci && npm run build</code> in <code>frontend/</code>.</p>"
)


def install_web(app: FastAPI, frontend_dir: Path, docs_dir: Path) -> None:
    """Serve the frontend for every path that is no route; the router in the browser knows the rest."""
    router = APIRouter(include_in_schema=False)
    assets = frontend_dir / "assets"
    if assets.is_dir():
        app.mount("/assets", _Assets(directory=assets), name="assets")

    @router.get("/docs/errors")
    def errors() -> Response:
        page = docs_dir / "errors.md"
        if not page.is_file():
            raise NotFound("The documentation is not installed with this server.")
        return PlainTextResponse(page.read_text(), media_type="text/markdown; charset=utf-8")

    app.include_router(router)
    # Not a route for every path: that would also answer a path of the API asked with a wrong method.
    app.router.default = _Page(frontend_dir)


class _Page:
    """What is answered where no route is."""

    def __init__(self, frontend_dir: Path) -> None:
        self._frontend_dir = frontend_dir

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["type"] != "http" or path.startswith("/api"):
            raise NotFound(f"There is no {path}.")
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        await self._response(path)(scope, receive, send)

    def _response(self, path: str) -> Response:
        index = self._frontend_dir / "index.html"
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT, 503)
        icon = self._frontend_dir / path.removeprefix("/")
        if path in _ICONS and icon.is_file():
            return FileResponse(icon)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})


class _Assets(StaticFiles):
    """Files whose names have a hash of their content."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
