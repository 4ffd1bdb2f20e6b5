"""Content negotiation: media types and content codings, with weights (RFC 9110)."""

import gzip

import pytest

from tests.api.test_query_contract import problem
from tests.api.world import World
from tests.clients import Client

PATH = "/api/v1/clauses?page_size=3"
JSON_ACCEPTED = {
    "": True,
    "*/*": True,
    "application/*": True,
    "APPLICATION/JSON": True,
    "application/json; charset=utf-8": True,
    "application/json;version=1": True,
    "application/json,, text/html": True,
    "text/html, */*;q=0.1": True,
    "text/html;q=often, */*": True,
    "application/*;q=0, application/json": True,
    "text/*": False,
    "text/html, application/xml": False,
    "application/json;q=0": False,
    "application/json;q=0.000, */*": False,
    "*/*;q=0.1, application/json;q=0": False,
    "application/json;q=0;charset=utf-8": False,
    "application/json;indent=x": True,
    "application/json; indent=999999": True,
    "json": False,
    "a": False,
    "/": False,
    ";;;": False,
    "image/*": False,
    "application/yaml": False,
}
GZIP_ACCEPTED = {
    "gzip": True,
    "GZIP": True,
    "gzip, deflate, br, zstd": True,
    "br;q=1.0, gzip;q=0.8, *;q=0.1": True,
    "*": True,
    "*;q=0, gzip;q=0.001": True,
    "": False,
    "identity": False,
    "gzip;q=0": False,
    "gzip;q=0, *": False,
    "gzip;q=0.000": False,
    "notgzipatall": False,
    "*;q=0": False,
}


@pytest.mark.parametrize("caller", ["client", "editor"])
def test_json_is_served_to_clients_that_accept_it(caller: str, world: World, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(caller)
    for header, is_accepted in JSON_ACCEPTED.items():
        response = client.get(PATH, headers={"accept": header})
        assert response.status_code == (200 if is_accepted else 406), header
        if not is_accepted:
            assert "application/json" in problem(response, 406)["detail"]


@pytest.mark.parametrize("path", [PATH, "/api/v1/clauses.ndjson", "/api/v1/renewals.ics"])
def test_clients_that_accept_gzip_get_it(path: str, world: World, client: Client) -> None:
    plain = client.get(path).getvalue()
    for header, is_accepted in GZIP_ACCEPTED.items():
        response = client.get(path, headers={"accept-encoding": header})
        body = response.getvalue()
        assert response.headers.get("Content-Encoding") == ("gzip" if is_accepted else None), header
        assert (gzip.decompress(body) if is_accepted else body) == plain
        assert response.headers["Content-Length"] == str(len(body))
        assert "Accept-Encoding" in response.headers["Vary"]
