"""Who is let in: hosts, origins, sessions, tokens."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from segmentarium.storage.database import migrate
from segmentarium.storage.tables import SessionRow, utc_now
from tests.api.client import Api, assert_problem, one_database
from tests.api.routes import PUBLIC, ROUTES, with_id

CLOSED = [route for route in ROUTES if route not in PUBLIC]


@one_database
@pytest.mark.parametrize(("method", "path"), CLOSED, ids=[" ".join(route) for route in CLOSED])
def test_every_route_refuses_the_anonymous(api: Api, method: str, path: str) -> None:
    assert_problem(api.anonymous().request(method, with_id(path, 1)), 401, "not-signed-in")


@one_database
@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/nothing", "/api/", "/api"])
def test_paths_outside_the_contract_refuse_the_anonymous(api: Api, path: str) -> None:
    assert_problem(api.anonymous().get(path), 401, "not-signed-in")


def test_contract_is_served_to_those_signed_in(api: Api) -> None:
    assert api.owner.get("/api/openapi.json").json() == api.app.openapi()


def test_health_tells_the_anonymous_no_parts(api: Api) -> None:
    answer = api.anonymous().get("/api/health").json()
    assert (answer["status"], answer["parts"]) == ("ok", None)


def test_health_tells_its_parts_to_those_signed_in(api: Api) -> None:
    answer = api.owner.get("/api/health").json()
    assert answer["parts"] == {"database": "ok", "data_folder": "ok"}


@one_database
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:80"])
@pytest.mark.parametrize("path", ["/", "/api/health", "/api/session", "/docs/errors"])
def test_unknown_host_is_refused(api: Api, host: str, path: str) -> None:
    assert_problem(api.owner.get(path, headers={"Host": host}), 403, "unknown-host")


@one_database
@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_local_host_is_answered(api: Api, host: str) -> None:
    assert api.anonymous().get("/api/health", headers={"Host": host}).status_code == 200


def test_host_named_in_the_settings_is_answered(make_api: Callable[..., Api]) -> None:
    api = make_api(allowed_hosts="label.example")
    answer = api.anonymous().get("/api/health", headers={"Host": "Label.Example:443"})
    assert answer.status_code == 200


@one_database
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://127.0.0.1:9999", "null", "http://127.0.0.1.evil.example"],
)
def test_foreign_origin_is_refused(api: Api, origin: str) -> None:
    response = api.owner.post("/api/projects", json={"name": "x"}, headers={"Origin": origin})
    assert_problem(response, 403, "foreign-origin")
    assert api.owner.get("/api/projects").json()["items"] == []


@one_database
def test_foreign_origin_may_not_sign_in(api: Api) -> None:
    token = {"token": api.secret("sign_in")}
    response = api.anonymous().post(
        "/api/session", json=token, headers={"Origin": "https://evil.example"}
    )
    assert_problem(response, 403, "foreign-origin")


@one_database
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_request_from_a_page_of_another_site_is_refused(api: Api, site: str) -> None:
    response = api.owner.get("/api/projects", headers={"Sec-Fetch-Site": site})
    assert_problem(response, 403, "foreign-origin")


@one_database
@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_request_from_an_own_page_is_answered(api: Api, site: str) -> None:
    assert api.owner.get("/api/projects", headers={"Sec-Fetch-Site": site}).status_code == 200


@one_database
def test_link_from_another_site_opens_the_page(api: Api) -> None:
    assert api.anonymous().get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@one_database
def test_own_origin_is_answered(api: Api) -> None:
    headers = {"Origin": "http://127.0.0.1"}
    response = api.owner.post("/api/projects", json={"name": "x"}, headers=headers)
    assert response.status_code == 201


def test_sign_in_tells_who_is_signed_in(api: Api) -> None:
    assert api.sign_in("ada").get("/api/session").json()["name"] == "ada"


def test_sign_in_token_works_once(api: Api) -> None:
    token = {"token": api.secret("sign_in")}
    assert api.anonymous().post("/api/session", json=token).status_code == 200
    assert_problem(api.anonymous().post("/api/session", json=token), 401, "sign-in-token-invalid")


def test_unknown_sign_in_token_is_refused(api: Api) -> None:
    response = api.anonymous().post("/api/session", json={"token": "garbage"})
    assert_problem(response, 401, "sign-in-token-invalid")


def test_api_token_is_no_sign_in_token(api: Api) -> None:
    response = api.anonymous().post("/api/session", json={"token": api.secret("token")})
    assert_problem(response, 401, "sign-in-token-invalid")


def test_sign_in_token_is_no_api_token(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.secret('sign_in')}"}
    assert_problem(api.anonymous().get("/api/session", headers=headers), 401, "not-signed-in")


def _expire_all(api: Api) -> None:
    with api.context.database.write() as session:
        session.execute(update(SessionRow).values(expires_at=utc_now() - timedelta(seconds=1)))


def test_expired_sign_in_token_is_refused(api: Api) -> None:
    token = {"token": api.secret("sign_in")}
    _expire_all(api)
    assert_problem(api.anonymous().post("/api/session", json=token), 401, "sign-in-token-invalid")


def test_expired_api_token_is_refused(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.secret('token')}"}
    _expire_all(api)
    assert_problem(api.anonymous().get("/api/session", headers=headers), 401, "not-signed-in")


def test_expired_session_is_refused(api: Api) -> None:
    _expire_all(api)
    assert_problem(api.owner.get("/api/session"), 401, "not-signed-in")


def test_bearer_token_is_taken(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.secret('token', 'robot')}"}
    assert api.anonymous().get("/api/session", headers=headers).json()["name"] == "robot"


@one_database
@pytest.mark.parametrize("value", ["Bearer garbage", "Bearer ", "Bearer", "Basic b3duZXI6b3duZXI="])
def test_garbage_for_a_token_is_refused(api: Api, value: str) -> None:
    response = api.anonymous().get("/api/session", headers={"Authorization": value})
    assert_problem(response, 401, "not-signed-in")


@one_database
def test_wrong_bearer_token_is_refused_even_with_a_session(api: Api) -> None:
    response = api.owner.get("/api/session", headers={"Authorization": "Bearer garbage"})
    assert_problem(response, 401, "not-signed-in")


@one_database
@pytest.mark.parametrize("cookie", ["garbage", '"', "a=b=c", "%00"])
def test_garbage_for_a_session_cookie_is_refused(api: Api, cookie: str) -> None:
    response = api.anonymous().get(
        "/api/session", headers={"Cookie": f"{api.context.session_cookie}={cookie}"}
    )
    assert_problem(response, 401, "not-signed-in")


def _cookie_attributes(api: Api) -> set[str]:
    response = api.anonymous().post("/api/session", json={"token": api.secret("sign_in")})
    return {part.strip().lower() for part in response.headers["set-cookie"].split(";")[1:]}


@one_database
def test_session_cookie_is_kept_from_scripts_and_other_sites(api: Api) -> None:
    assert {"httponly", "samesite=strict", "path=/"} <= _cookie_attributes(api)


@one_database
def test_session_cookie_is_sent_over_https_only_where_set_so(make_api: Callable[..., Api]) -> None:
    assert "secure" in _cookie_attributes(make_api(secure_cookie=True))


def test_sign_out_ends_the_session(api: Api) -> None:
    secret = api.owner.cookies[api.context.session_cookie]
    assert api.owner.delete("/api/session").status_code == 204
    response = api.anonymous().get(
        "/api/session", headers={"Cookie": f"{api.context.session_cookie}={secret}"}
    )
    assert_problem(response, 401, "not-signed-in")


@one_database
def test_two_servers_of_one_machine_keep_their_cookies_apart(
    make_api: Callable[..., Api], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'other.sqlite'}"
    migrate(url)
    one, other = make_api(), make_api(database_url=url)
    assert one.context.session_cookie != other.context.session_cookie
    cookie = f"{other.context.session_cookie}={one.owner.cookies[one.context.session_cookie]}"
    response = one.anonymous().get("/api/session", headers={"Cookie": cookie})
    assert_problem(response, 401, "not-signed-in")


def test_sign_out_takes_the_cookie_away(api: Api) -> None:
    api.owner.delete("/api/session")
    assert api.context.session_cookie not in api.owner.cookies


def test_sign_out_leaves_other_sessions(api: Api) -> None:
    other = api.sign_in("owner")
    api.owner.delete("/api/session")
    assert other.get("/api/session").status_code == 200


@one_database
@pytest.mark.parametrize("path", ["/", "/assets/index-1a2b.js", "/api/health", "/api/projects"])
def test_every_answer_has_the_headers_that_fence_it_in(api: Api, path: str) -> None:
    headers = api.anonymous().get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


@one_database
def test_content_security_policy_allows_no_inline_script(api: Api) -> None:
    policy = api.owner.get("/").headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    script = directives.get("script-src", directives["default-src"])
    assert "unsafe" not in str(script)
