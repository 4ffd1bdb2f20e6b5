"""What every address has in common: parameters are read strictly, and no request makes it fail."""

import json
from itertools import product
from typing import Any

import pytest

from tests.api.addresses import ALL, BASE, DETAILS, LISTS, ROWS, Address, by_address, url
from tests.api.world import World
from tests.clients import Client

BAD_SIZES = ["0", "-1", "201", "1.5", "1e3", "NaN", "inf", "²", "١", "0x10", "1_0", "00000050", "9" * 19, "9" * 400]
BAD_NUMBERS = ["9223372036854775808", "-1", "1.5", "1e5", "NaN", "١٢", "9" * 400, "0x1", "1,"]
UNUSED_NUMBERS = ["999999999999999999", "0", "2147483648", "4294967296"]
PATTERNS = [
    "((((zzx+)+)+)+)!$",
    "[",
    "zzx{1000000}",
    "\\",
    "'%22;--",
    "%25%5C_",
    "%25",
    "_",
    "🦄",
    "%F4%8F%BF%BF",
    "*",
    ".*",
]
HOSTILE = {
    "NUL": ("a%00b", "undecodable"),
    "control character": ("a%1bb", "undecodable"),
    "line break": ("1%0a", "undecodable"),
    "invalid UTF-8": ("%ff", "undecodable"),
    "overlong UTF-8": ("%c0%af", "undecodable"),
    "lone surrogate": ("%ed%a0%80", "undecodable"),
    "broken escape": ("%zz", "undecodable"),
    "cut escape": ("a%", "undecodable"),
    "huge": ("a" * 5000, "too_long"),
}
BAD_DAYS = ["0000-01-01", "10000-01-01", "2026-02-29", "2026-13-01", "2026-1-1", "20260101", "2026-W01-1", "XXXX-04"]
BAD_DAYS += ["today", "2026-01-01T00:00:00Z", "٢٠٢٦-01-01", "-2026-01-01"]
EXTREME_DAYS = ["0001-01-01", "9999-12-31"]
BAD_INSTANTS = ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "2026-01-01", "2026-01-01T00:00:00"]
BAD_INSTANTS += ["2026-01-01T25:00:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00%2B99:00", "0000-01-01T00:00:00Z"]
EXTREME_INSTANTS = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59%2B14:00"]


def problem(response: Any, status: int) -> dict[str, Any]:
    """Return the problem document of a response (RFC 9457)."""
    asked = (
        response.request["REQUEST_METHOD"],
        response.request["PATH_INFO"][:200],
        response.request["QUERY_STRING"][:200],
    )
    assert response.status_code == status, (asked, response.content)
    assert response.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(response.content)
    assert (
        document.pop("request_id") == response.headers["X-Request-ID"]
    )  # another each time, and all else may be compared
    assert {"type", "title", "status", "detail", "instance"} <= document.keys()
    assert document["status"] == status
    return document


def parameter_errors(response: Any) -> dict[str, str]:
    """Return the codes of the errors of a query, by parameter."""
    return {fault["parameter"]: fault["code"] for fault in problem(response, 400)["errors"]}


def batched(names: list[str], size: int = 50) -> list[list[str]]:
    """Split parameters into as many as one request may have."""
    return [names[start : start + size] for start in range(0, len(names), size)]


class Contract:
    """The address that a test asks; subclasses say which addresses keep their promises."""

    @pytest.fixture(autouse=True)
    def set_up(self, address: Address, world: World, client: Client) -> None:
        row = next(iter(world.rows(address.noun).values())) if "{row}" in address.path else None
        self.path = url(address, row)
        self.client, self.address = client, address

    def get(self, query: str = "", **headers: str) -> Any:
        """Send a raw query string."""
        return self.client.get(f"{self.path}?{query}" if query else self.path, headers=headers)


@pytest.mark.parametrize(**by_address(ALL))
class TestEveryAddress(Contract):
    """Lists, rows, and what stands below an agreement."""

    def test_answers_with_and_without_a_trailing_slash(self) -> None:
        plain, slashed = self.get(), self.client.get(f"{self.path}/")
        assert (plain.status_code, slashed.status_code) == (200, 200)
        assert plain.content == slashed.content
        assert plain.headers["Content-Type"] == "application/json"

    def test_nothing_else_at_the_end_of_a_path_is_the_same_address(self) -> None:
        for tail in ("%0a", "%0A/", "/%0a", "%00", "//", "%20", "%ff", "%2e%2e", ";x", ".json"):
            problem(self.client.get(self.path + tail), 404)

    def test_an_unknown_parameter_is_named_with_all_that_are_known(self) -> None:
        problem_document = problem(self.get("nonsense=1"), 400)
        assert problem_document["errors"][0]["parameter"] == "nonsense"
        assert problem_document["errors"][0]["code"] == "unknown_parameter"
        for name in self.address.parameters:
            assert name in problem_document["errors"][0]["detail"]

    def test_every_known_parameter_is_suggested_for_a_misspelling_of_it(self) -> None:
        for names in batched(self.address.parameters):
            errors = problem(self.get("&".join(f"{name}x=1" for name in names)), 400)["errors"]
            assert [fault["parameter"] for fault in errors if "Did you mean " in fault["detail"]] == [
                f"{name}x" for name in names
            ]

    def test_a_repeated_parameter_is_refused_even_with_the_same_value(self) -> None:
        names = sorted({*self.address.parameters} - self.address.list_parameters)
        for some in batched(names, 25):
            found = parameter_errors(self.get("&".join(f"{name}=id&{name}=id" for name in some)))
            assert found == dict.fromkeys(some, "repeated_parameter")

    def test_a_repeated_list_is_the_list_with_commas(self) -> None:
        names = sorted(self.address.list_parameters & {*self.address.parameters})
        for some in batched(names, 25):
            repeated, listed = (
                self.get("&".join(form.format(name) for name in some)) for form in ("{0}=id&{0}=x,url", "{}=id,x,url")
            )
            assert (repeated.status_code, repeated.json().get("errors")) == (
                listed.status_code,
                listed.json().get("errors"),
            )

    def test_an_empty_parameter_is_refused(self) -> None:
        for blank in ("", "=", "=%20", "=+%C2%A0"):
            for names in batched(self.address.parameters):
                found = parameter_errors(self.get("&".join(f"{name}{blank}" for name in names)))
                assert found == dict.fromkeys(names, "empty_parameter")

    def test_every_fault_is_reported_not_only_the_first(self) -> None:
        known = self.address.parameters
        errors = parameter_errors(self.get("&".join(["nonsense=1", "other=2", *(f"{name}=" for name in known)][:50])))
        assert set(errors) == {"nonsense", "other", *known[:48]}

    def test_a_value_that_is_not_text_is_refused_in_every_parameter(self) -> None:
        for value, code in HOSTILE.values():
            for names in batched(self.address.parameters):
                found = parameter_errors(self.get("&".join(f"{name}={value}" for name in names)))
                assert found == dict.fromkeys(names, code)

    def test_a_name_that_is_not_known_is_refused_however_it_is_written(self) -> None:
        for name in ("a%00", "%ff", "%ed%a0%80", "%zz", "", "__proto__", "format", "%E2%80%8Bfields"):
            problem(self.get(f"{name}=1"), 400)

    def test_more_than_fifty_parameters_are_refused(self) -> None:
        assert parameter_errors(self.get("&".join(f"x{n}=1" for n in range(51)))) == {"?": "too_many_parameters"}
        assert len(parameter_errors(self.get("&".join(f"x{n}=1" for n in range(50))))) == 50

    def test_a_query_of_raw_bytes_is_refused(self) -> None:
        problem(self.client.get(self.path, QUERY_STRING="fields=\xff\xfe"), 400)

    def test_a_long_unknown_name_costs_nothing(self) -> None:
        assert len(self.get("a" * 200_000).content) < 5000

    def test_other_media_types_are_not_acceptable(self) -> None:
        """The header has a table of its own: tests/api/test_negotiation.py."""
        assert "application/json" in problem(self.get(accept="text/html"), 406)["detail"]
        assert self.get(accept="text/html, */*;q=0.1").status_code == 200

    def test_head_is_get_without_the_body(self) -> None:
        got, headed = self.get(), self.client.head(self.path)
        assert headed.status_code == 200
        assert headed.content == b""
        for name in ("Content-Type", "Content-Length", "Cache-Control", "Vary", "ETag"):
            assert headed.headers[name] == got.headers[name]

    def test_options_says_what_may_be_asked(self) -> None:
        response = self.client.options(self.path)
        assert response.status_code == 200
        assert "GET" in response.headers["Allow"]

    def test_a_method_that_is_not_here_is_not_allowed_to_anyone(self, stranger: Client, editor: Client) -> None:
        here = [name.strip() for name in self.client.options(self.path).headers["Allow"].split(",")]
        for caller in (self.client, stranger, editor):
            for method in {"POST", "PUT", "PATCH", "DELETE", "PROPFIND"} - {*here}:
                response = caller.generic(method, self.path, data="{}", content_type="application/json")
                problem(response, 405)
                assert response.headers["Allow"] == ", ".join(here)

    def test_options_says_the_same_of_every_row_and_asks_no_database(self, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(1 if self.address.name == "agreement renewals" else 0):
            response = self.client.options(self.path)
        assert "actions" not in response.json()
        written = ["POST"] if self.address.is_list else ["PUT", "PATCH", "DELETE"]
        allowed = ["GET", *(written if self.address in (*LISTS[:-1], *ROWS) else []), "HEAD", "OPTIONS"]
        assert response.headers["Allow"] == ", ".join(allowed)

    def test_a_host_that_is_not_served_is_refused(self) -> None:
        for host in ("evil.example", "a b", "x" * 300, "[::1", "accords\x00"):
            assert host not in json.dumps(problem(self.get(host=host), 400))


@pytest.mark.parametrize(**by_address(LISTS))
class TestEveryList(Contract):
    """Lists: filters, orders and pages."""

    def assert_each_is_refused(self, names: list[str], values: list[str]) -> None:
        """Ask all parameters at once: the answer names each that it refuses."""
        for value in values if names else ():
            found = parameter_errors(self.get("&".join(f"{name}={value}" for name in names)))
            assert sorted(found) == sorted({*names}), value

    def assert_all_can_be_asked(self, names: list[str], values: list[str]) -> None:
        """Ask all parameters at once: each goes into the one query of the database."""
        for value in values:
            response = self.get("&".join(f"{name}={value}" for name in names))
            assert response.status_code == 200, (value, response.content)

    def test_a_page_size_that_is_none_is_refused(self) -> None:
        for size in BAD_SIZES:
            assert parameter_errors(self.get(f"page_size={size}")) == {"page_size": "page_size"}

    def test_pages_have_one_to_two_hundred_rows(self) -> None:
        assert len(self.get("page_size=1").json()["results"]) == 1
        assert self.get("page_size=200").json() == self.get().json()
        assert parameter_errors(self.get("page_size=201")) == {"page_size": "page_size"}

    def test_a_cursor_that_is_not_ours_is_refused(self) -> None:
        for cursor in ("x", "9" * 400, "W10:x", ":", "::", "%F0%9F%8C%BE", "{}", "null", "a" * 4096):
            assert parameter_errors(self.get(f"cursor={cursor}")) == {"cursor": "cursor"}

    def test_a_count_that_is_not_exact_is_refused(self) -> None:
        for count in ("true", "1", "EXACT", "estimated"):
            assert parameter_errors(self.get(f"count={count}")) == {"count": "count"}

    def test_an_order_that_is_not_declared_is_refused(self) -> None:
        for order in ("nonsense", "--id", "id,", "id,id", "id,-id", "?", "pk", "agreement__slug", "-"):
            assert set(parameter_errors(self.get(f"ordering={order}"))) == {"ordering"}

    def test_the_page_says_which_rows_come_before_and_after(self) -> None:
        page = self.get("page_size=1&count=exact").json()
        assert {"next", "previous", "results", "count"} <= page.keys()
        assert page["previous"] is None
        assert "count" not in self.get().json()

    def test_a_day_that_does_not_exist_is_refused(self) -> None:
        self.assert_each_is_refused(parameters_of_type(self.address, "date"), BAD_DAYS)

    def test_the_first_and_the_last_day_of_the_calendar_can_be_asked(self) -> None:
        self.assert_all_can_be_asked(parameters_of_type(self.address, "date"), EXTREME_DAYS)

    def test_an_instant_that_does_not_exist_is_refused(self) -> None:
        self.assert_each_is_refused(parameters_of_type(self.address, "date-time"), BAD_INSTANTS)

    def test_the_first_and_the_last_instant_can_be_asked(self) -> None:
        self.assert_all_can_be_asked(parameters_of_type(self.address, "date-time"), EXTREME_INSTANTS)

    def test_a_number_that_fits_no_database_is_refused(self) -> None:
        self.assert_each_is_refused([*parameters_of_type(self.address, "integer"), "id__in"], BAD_NUMBERS)

    def test_a_number_that_no_row_has_finds_no_row(self) -> None:
        for name, number in product([*parameters_of_type(self.address, "integer"), "id__in"], UNUSED_NUMBERS):
            response = self.get(f"{name}={number}")
            assert response.status_code == 200 or set(parameter_errors(response)) == {name}, (name, number)

    def test_a_list_of_ids_has_at_most_a_hundred(self) -> None:
        assert self.get("id__in=" + ",".join(map(str, range(1, 101)))).status_code == 200
        assert parameter_errors(self.get("id__in=" + ",".join(map(str, range(1, 102))))) == {
            "id__in": "too_many_values"
        }
        assert parameter_errors(self.get("id__in=1,,2")) == {"id__in": "empty_value"}

    def test_a_text_means_no_more_than_its_letters(self) -> None:
        typed = {*parameters_of_type(self.address, "date"), *parameters_of_type(self.address, "date-time")}
        typed |= {*parameters_of_type(self.address, "integer"), *parameters_of_type(self.address, "number")}
        texts = [(name, PATTERNS[0]) for name in typed]
        for start, name in enumerate(sorted({*self.address.parameters} - typed)):
            texts += [(name, text) for text in (PATTERNS if name == "q" else PATTERNS[start % 4 :: 4])]
        for name, text in texts:
            response = self.get(f"{name}={text}")
            assert response.status_code in (200, 400), (name, text)
            if response.status_code == 200 and (name[:4], text) != ("unit", "%25"):
                assert response.json()["results"] == [], (name, text)

    def test_a_thousand_words_are_too_many(self) -> None:
        if "q" in self.address.parameters:
            assert parameter_errors(self.get("q=" + "+".join(["mot"] * 1000))) == {"q": "words"}
            assert parameter_errors(self.get("q=%25%20_")) == {"q": "words"}
            assert self.get("q=" + "+".join(["mot"] * 10)).status_code == 200

    def test_a_lower_end_above_the_upper_end_is_refused(self) -> None:
        known = self.address.parameters
        for low in [name for name in known if name.endswith("_after")]:
            high = low.removesuffix("after") + "before"
            assert parameter_errors(self.get(f"{low}=2026-01-02&{high}=2026-01-01")) == {low: "inverted_range"}
        for low in [name for name in parameters_of_type(self.address, "number") if name.endswith("__gte")]:
            high = low.removesuffix("gte") + "lte"
            assert parameter_errors(self.get(f"{low}=-0.1&{high}=-0.2")) == {low: "inverted_range"}


@pytest.mark.parametrize(**by_address(ROWS))
class TestEveryRow(Contract):
    """Rows by their key."""

    def test_a_key_that_no_row_has_is_not_found(self) -> None:
        for key in ("0", "01", "9223372036854775808", "9" * 30, "١٢", "%D9%A1", "1.0", "-1", "1e3", "%ff", "a%2fb"):
            problem(self.client.get(f"{BASE}/{self.address.noun}/{key}"), 404)

    def test_a_row_that_is_not_there_is_not_found(self) -> None:
        problem_document = problem(self.client.get(f"{BASE}/{self.address.noun}/999999999999999999"), 404)
        assert problem_document["instance"] == f"{BASE}/{self.address.noun}/999999999999999999"

    def test_a_slug_is_found_in_any_case(self, world: World) -> None:
        if self.address.noun in ("agreements", "parties", "sources"):
            head, _, slug = self.path.rpartition("/")
            assert self.client.get(f"{head}/{slug.upper()}").json() == self.get().json()

    def test_every_address_in_a_row_is_an_address_of_this_api(self) -> None:
        row = self.get().json()
        assert self.client.get(row["url"].removeprefix("http://testserver")).json() == row


def parameters_of_type(address: Address, kind: str) -> list[str]:
    """Return the parameters of a list whose schema has this format or type."""
    filters = address.view.filterset_class.base_filters
    return [
        name
        for name in address.parameters
        if name in filters and kind in (filters[name].schema.get("format"), filters[name].schema.get("type"))
    ]


def test_the_detail_addresses_are_those_of_the_lists_and_the_annotated_text() -> None:
    assert {address.noun for address in DETAILS} == {*(address.name for address in LISTS[:-1])}


@pytest.mark.parametrize(
    "path", ["", "/", "/nothing", "/agreements/x/nothing", "/agreements/rare-metals/renewals/1", "/a" * 2000]
)
def test_addresses_that_do_not_exist_are_problems(path: str, db: None, client: Client) -> None:
    response = client.get(BASE + path)
    if path.strip("/"):
        assert problem(response, 404)["instance"] == BASE + path
    else:
        assert response.status_code == 200


@pytest.mark.parametrize("slug", ["nothing", "RARE-METALS-2", "9" * 100, "a" * 101, "%C3%A9"])
@pytest.mark.parametrize("below", ["renewals", "annotated"])
def test_nothing_stands_below_an_agreement_that_is_not_there(slug: str, below: str, db: None, client: Client) -> None:
    problem(client.get(f"{BASE}/agreements/{slug}/{below}"), 404)


def test_the_root_lists_every_resource_and_takes_no_parameters(db: None, client: Client) -> None:
    assert list(client.get(BASE).json()) == [*(address.name for address in LISTS[:-1]), "changes"]
    assert all(client.get(path).status_code == 200 for path in client.get(BASE).json().values())
    assert parameter_errors(client.get(f"{BASE}?fields=id")) == {"fields": "unknown_parameter"}
