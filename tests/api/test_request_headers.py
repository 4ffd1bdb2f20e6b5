"""A thousand hostile headers: each answer is what the RFCs say, by a small second reading of them, on both databases.

Nothing here uses the code of the service. What an RFC leaves open is decided as the documentation does: a weight that
is none counts as 1, an entity tag that is none is left out, and `Range` is ignored (RFC 9110, 14.2).
"""

import gzip
import json
import random
import re
from collections.abc import Callable
from itertools import islice
from typing import Any

from django.contrib.auth.models import User

from accords.models import Clause
from tests import factories
from tests.api.addresses import BASE
from tests.api.test_query_contract import problem
from tests.api.world import World
from tests.clients import Client

LIST = f"{BASE}/clauses?page_size=3"
WEIGHTS = {
    "": 1.0,
    ";q=1": 1,
    ";q=0": 0,
    ";q=0.000": 0,
    "; q=0.5": 0.5,
    ";Q=0.25": 0.25,
    " ; q=0.001": 0.001,
    ";q=1.000": 1,
}
WEIGHTS |= dict.fromkeys((";q=", ";q=often", ";q=nan", ";q=-1", ";q=2", ";q=1e999", ";q=0.0001", ";q=٠", ";q"), 1)
SEPARATORS = (",", ", ", " ,", ",,", ", ,", "\t,")


class Headers:
    """Generates headers, the same each time."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def list_of(self, elements: list[str]) -> str:
        text = elements[0] if elements else ""
        for element in elements[1:]:
            text += self.random.choice(SEPARATORS) + element
        return text

    def weighted(self, names: tuple[str, ...]) -> tuple[str, dict[str, float]]:
        """Return a header that names some of these, and their weights."""
        chosen = self.random.sample(names, self.random.randint(0, min(5, len(names))))
        weights = {name: self.random.choice([*WEIGHTS]) for name in chosen}
        elements = [self.random.choice((name, name.upper(), name.title())) + weights[name] for name in chosen]
        return self.list_of(elements), {name: WEIGHTS[weight] for name, weight in weights.items()}

    def tags(self, tags: tuple[str, ...]) -> tuple[str, list[str]]:
        chosen = self.random.choices(tags, k=self.random.randint(1, 5))
        return self.list_of(chosen), chosen


def generated(case: Callable[[Headers], Any], count: int) -> list[Any]:
    """Return so many different cases."""
    headers = Headers(case.__name__)

    def different() -> Any:
        seen = set()
        while True:
            one = case(headers)
            if one[0] not in seen:
                seen.add(one[0])
                yield one

    return [*islice(different(), count)]


def a_coding(headers: Headers) -> tuple[str, bool]:
    """RFC 9110, 12.5.3: of the acceptable codings the one with the greatest weight; of equals the smaller response."""
    text, weights = headers.weighted(("gzip", "identity", "*", "br", "deflate", "zstd", "notgzip", "gzipped"))
    others = weights.get("*", 0)
    wanted = weights.get("gzip", others)
    return text, wanted > 0 and wanted >= weights.get("identity", others)


def a_media_range(headers: Headers) -> tuple[str, bool]:
    """RFC 9110, 12.5.1: the most specific range that matches decides; an empty header accepts all."""
    text, weights = headers.weighted(
        ("application/json", "application/*", "*/*", "text/html", "text/*", "application/jsonp", "application/xml")
    )
    of_json = [weights[name] for name in ("application/json", "application/*", "*/*") if name in weights]
    return text, not weights or (bool(of_json) and of_json[0] > 0)


def is_tag(text: str) -> bool:
    return re.fullmatch(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"', text) is not None


def matches_weakly(tags: list[str], own: str) -> bool:
    """RFC 9110, 13.1.2 and 8.8.3.2: `*` alone, or the same opaque tag, weak or not."""
    return tags == ["*"] or own in [tag.removeprefix("W/") for tag in tags if is_tag(tag)]


def test_encodings(world: World, client: Client) -> None:
    plain = client.get(LIST).content
    for header, is_compressed in generated(a_coding, 300):
        response = client.get(LIST, headers={"accept-encoding": header})
        assert (response.status_code, response.get("Content-Encoding") == "gzip") == (200, is_compressed), header
        assert (gzip.decompress(response.content) if is_compressed else response.content) == plain, header


def test_media_types(world: World, client: Client) -> None:
    for header, is_acceptable in generated(a_media_range, 300):
        response = client.get(LIST, headers={"accept": header})
        assert response.status_code == (200 if is_acceptable else 406), header


def test_entity_tags_of_reads(world: World, client: Client) -> None:
    compressed = {"accept-encoding": "gzip"}
    own, other = client.get(LIST).headers["ETag"], client.get(LIST, headers=compressed).headers["ETag"]
    tags = (own, other, f"W/{own}", f"w/{own}", own.strip('"'), own[:-1], f"'{own}'", f"{own}{own}", f"W/ {own}")
    tags += ('"x"', 'W/"x"', '""', '"a,b"', "*", '"*"', "W/*", own.upper(), '"é"')
    for header, sent in generated(lambda headers: headers.tags(tags), 100):
        for coding, tag in (({}, own), (compressed, other)):
            response = client.get(LIST, headers={"if-none-match": header, **coding})
            assert response.status_code == (304 if matches_weakly(sent, tag) else 200), (header, coding)
            assert response.headers["ETag"] == tag


def test_entity_tags_of_writes(db: None) -> None:
    """A name that is a number is refused once the precondition holds, so that nothing changes."""
    writer, address = Client(), f"{BASE}/parties/{factories.party('nobody').slug}"
    writer.force_login(User.objects.create_superuser("writer"))
    own = writer.get(address).headers["ETag"]
    state = own.partition("-")[0]
    tags = (
        own,
        f'{state}-other"',
        f"W/{own}",
        own.strip('"'),
        f'{state}1-x"',
        '"v0r0-x"',
        '"x"',
        "x",
        '""',
        f"w/{own}",
    )
    for header, sent in generated(lambda headers: headers.tags((*tags, "*")), 50):
        response = writer.patch(address, {"name": 1}, content_type="application/json", headers={"if-match": header})
        known = [tag for tag in sent if is_tag(tag)]
        holds = sent == ["*"] or any(re.match(re.escape(state) + r"\b", tag) for tag in known)
        places = [error["pointer"] for error in json.loads(response.content).get("errors", [])]
        expected = (400, ["/name"]) if holds else (412 if known else 400, [])
        assert (response.status_code, places) == expected, header


def a_range(headers: Headers) -> tuple[str, str]:
    numbers = [str(headers.random.choice((0, 1, 5, 499, 10**6, 10**30, "", "-1", "x"))) for _ in range(4)]
    unit = headers.random.choice(("bytes=", "bytes =", "BYTES=", "items=", "bytes:", "="))
    return unit + headers.list_of([f"{numbers[0]}-{numbers[1]}", f"{numbers[2]}-{numbers[3]}"]), ""


def test_ranges_are_ignored(world: World, client: Client) -> None:
    whole = client.get(LIST)
    for header, _ in generated(a_range, 100):
        response = client.get(LIST, headers={"range": header, "if-range": whole.headers["ETag"]})
        assert (response.status_code, response.content) == (200, whole.content), header
        assert "Content-Range" not in response.headers


def microseconds(text: str) -> int | None:
    """Return the microseconds from year 0 to an RFC 3339 instant, rounded up; None if there is no such instant.

    The service takes more: a blank in place of `T`, as RFC 3339 allows (5.6); offsets such as `+0000` and `+01`; and a
    blank in place of `+`, as which it arrives where it is not escaped.
    """
    found = re.fullmatch(
        r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[-+ ]\d\d(?::?\d\d)?)", text, re.ASCII
    )
    if not found:
        return None
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if not 1 <= month <= 12 or not 1 <= day <= lengths[month - 1] or hour > 23 or minute > 59 or second > 59:
        return None
    zone = found[8].replace(":", "").ljust(5, "0") if len(found[8]) > 1 else ""
    offset = 0 if not zone else int(zone[1:3]) * 60 + int(zone[3:])
    if offset and (int(zone[1:3]) > 23 or int(zone[3:]) > 59):
        return None
    earlier = year - 1
    days = year * 365 + earlier // 4 - earlier // 100 + earlier // 400 + sum(lengths[: month - 1]) + day
    minutes = (days * 24 + hour) * 60 + minute - (-offset if zone.startswith("-") else offset)
    fraction = (found[7] or "").ljust(6, "0")
    rounded = int(fraction[:6]) + (int(fraction[6:] or 0) > 0)
    instant = (minutes * 60 + second) * 10**6 + rounded
    first, last = (366 * 24 * 60 * 60 * 10**6, (3_652_425 * 24 * 60 * 60 - 1) * 10**6 + 999_999)
    return instant if first <= instant <= last else None


def an_instant(headers: Headers) -> tuple[str, str]:
    """Return an instant near those of the rows, or one that is none."""
    choice = headers.random.choice
    day = choice(
        ("2026-02-03", "2026-02-03", "2026-02-02", "2026-02-29", "0001-01-01", "9999-12-31", "0000-01-01", "2026-2-3")
    )
    time = choice(
        ("12:00:00", "12:00:00", "12:30:00", "09:00:00", "23:59:59", "00:00:00", "24:00:00", "12:00:60", "12:00")
    )
    fraction = choice(("", "", ".5", ".123456", ".1234567", ".12345600", ".000000001", ".", f".{'9' * 40}", ",5"))
    zone = choice(
        (
            "Z",
            "Z",
            "z",
            "+00:00",
            "+0000",
            "-00:00",
            "+14:00",
            "-12:00",
            "+05:30",
            "+23:59",
            "+24:00",
            "+01",
            "",
            " 00:00",
        )
    )
    return day + choice("TTt ") + time + fraction + zone, ""


def test_instants(world: World, client: Client) -> None:
    clauses = [*Clause.objects.order_by("pk")]
    at = ["2026-02-03T12:00:00Z", "2026-02-03T12:00:00.123456Z", "2026-02-03T12:30:00Z", "2026-02-02T22:00:00Z"]
    changed = {clause.pk: at[number % len(at)] for number, clause in enumerate(clauses)}
    for pk, instant in changed.items():
        Clause.objects.filter(pk=pk).update(updated_at=instant)
    found = []
    for text, _ in generated(an_instant, 150):
        response = client.get(f"{BASE}/clauses", {"updated_at__gte": text, "fields": "id", "page_size": 200})
        since = microseconds(text)
        found.append(since is not None)
        assert response.status_code == (400 if since is None else 200), text
        if since is not None:
            later = {pk for pk, instant in changed.items() if (microseconds(instant) or 0) >= since}
            assert {row["id"] for row in response.json()["results"]} == later, text
    assert 30 < sum(found) < 120, "some are instants, and some are not"


def test_a_read_whose_precondition_fails_is_a_problem(world: World, client: Client) -> None:
    own = client.get(LIST).headers["ETag"]
    for path in (LIST, f"{BASE}/clauses.csv"):
        assert client.get(path, headers={"if-match": "*"}).status_code == 200
        document = problem(client.get(path, headers={"if-match": '"x"'}), 412)
        assert document["type"].endswith("/precondition-failed")
    assert client.get(LIST, headers={"if-match": own}).status_code == 200
    assert client.head(LIST, headers={"if-match": f"W/{own}"}).status_code == 412


def test_dates_in_conditions_are_ignored(world: World, client: Client) -> None:
    """No row has a `Last-Modified`, so that no date is a condition (RFC 9110, 13.1.3 and 13.1.4)."""
    dates = [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "0",
        "-1",
        "é",
    ]
    dates += [
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "Mon, 30 Feb 2026 24:61:61 GMT",
        "x" * 4000,
    ]
    for name in ("if-modified-since", "if-unmodified-since"):
        for date in dates:
            assert client.get(LIST, headers={name: date}).status_code == 200, (name, date)


def test_a_condition_on_the_date_of_a_static_file_holds_for_head_as_for_get(client: Client) -> None:
    headers = {"If-Unmodified-Since": "Fri, 01 Jan 2099 00:00:00 GMT"}
    found = [getattr(client, method)("/static/admin/css/base.css", headers=headers) for method in ("get", "head")]
    assert [response.status_code for response in found] == [200, 200]
