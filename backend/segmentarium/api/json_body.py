"""Bodies of JSON, read by a parser that is several times as fast as the standard library's on coordinates."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json


class JsonRoute(APIRoute):
    """A route whose bodies are large; what it takes and refuses is as on any other."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's, given a request that parses faster."""
        handle = super().get_route_handler()

        async def handle_parsed(request: Request) -> Response:
            return await handle(_JsonRequest(request.scope, request.receive))

        return handle_parsed


class _JsonRequest(Request):
    async def json(self) -> Any:
        try:
            return from_json(await self.body())
        except ValueError:
            # The standard library's parser takes a little more (a byte order mark, UTF-16, half a surrogate pair),
            # and says where the fault is as it is said everywhere else.
            return await super().json()
