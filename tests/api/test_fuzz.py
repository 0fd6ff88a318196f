"""Requests made up from the contract: whatever comes, the server never fails."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.api.client import Api, Scene
from tests.api.routes import ROUTES, contract

SCHEMA = schemathesis.openapi.from_dict(contract())
# Whatever else happens, the session of the test must go on.
OPERATIONS = [SCHEMA[path][method] for method, path in ROUTES if path != "/api/session"]


@pytest.mark.slow
def test_no_request_that_fits_the_contract_makes_the_server_fail(api: Api, scene: Scene) -> None:
    api.edit(scene.image, scene.create())
    client = api.anonymous(raise_server_exceptions=False)
    client.cookies = api.owner.cookies
    failed: list[str] = []

    def fuzz(operation: Any) -> Callable[[], None]:
        @settings(
            max_examples=12,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), near=st.booleans())
        def send(case: Any, near: bool) -> None:
            values = {
                name: 1 if near else value for name, value in (case.path_parameters or {}).items()
            }
            path = operation.path.format(**{k: quote(str(v), safe="") for k, v in values.items()})
            body: Any = case.body if case.media_type == "application/json" else None
            response = client.request(
                operation.method.upper(), path, params=dict(case.query or {}), json=body
            )
            if response.status_code >= 500:
                failed.append(f"{operation.method} {response.request.url} {body!r}"[:300])

        return send

    for operation in OPERATIONS:
        fuzz(operation)()
    assert "\n".join(failed) == ""
