"""What is asked: the same question of the usual service and of accords, in many variants each."""

import json
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any

from tests.bench import data
from tests.bench.texts import PLACES, SOUGHT

VARIANTS = 400
FEW = 20  # variants where answers are asked again and again
FIRST_PAGES = 40  # from which a "page of 50" is taken
SIZE = 50
API = "/api/v1"
PUBLISHED = (data.DRAFTS - 1) * data.CLAUSES  # clauses that can be seen of every DRAFTS agreements


@dataclass
class Query:
    """A question: its paths at the usual service and at accords, one for one, and what the answers have in common."""

    name: str
    title: str
    usual: list[str]
    ours: list[str]
    goal: dict[str, float] = field(default_factory=dict)  # how many times less, by engine
    repeated: bool = False
    tagged: bool = False  # asked again with the entity tag of the answer
    ordered: bool = True  # whether the rows come in the same order


def fetch(url: str) -> Any:
    """Return the body of a response."""
    with urllib.request.urlopen(url, timeout=120) as answer:
        return json.load(answer)


def tag(url: str) -> str:
    """Return the entity tag of a response; empty without one."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        found: str = answer.headers.get("ETag", "")
        return found


def visible(place: int) -> int:
    """Return the id of the published clause at this position (from 0), in the order of ids."""
    block, rest = divmod(place, PUBLISHED)
    return block * data.DRAFTS * data.CLAUSES + rest + 1


def after(base: str, place: int) -> str:
    """Return the cursor of the page that begins at this position, in the order of ids."""
    page = fetch(f"{base}{API}/clauses?id__in={visible(place - 1)},{visible(place)}&page_size=1&fields=id")
    found: str = urllib.parse.parse_qs(urllib.parse.urlsplit(page["next"]).query)["cursor"][0]
    return urllib.parse.quote(found)


def published_count(clauses: int) -> int:
    """Return the number of published clauses."""
    return sum(data.is_published(number) for number in range(1, clauses // data.CLAUSES + 1)) * data.CLAUSES


def pages(base: str, numbers: list[int], more: str = "") -> tuple[list[str], list[str]]:
    """Return the queries for pages of fifty clauses, of the baseline and of accords."""
    cursors = {number: after(base, (number - 1) * SIZE) for number in set(numbers) if number > 1}
    ours = [f"{API}/clauses?page_size={SIZE}{more}" + (f"&cursor={cursors[n]}" if n > 1 else "") for n in numbers]
    return [f"?page_size={SIZE}&page={number}" for number in numbers], ours


def mix(base: str, clauses: int) -> list[Query]:
    """Return all queries for a database with this number of clauses, for accords at `base`."""
    chance = Random(4)
    makers: list[Callable[[Random, str, int], list[Query]]] = [
        single,
        lists,
        filtered,
        expanded,
        whole_agreement,
        search,
        due,
    ]
    return [query for maker in makers for query in maker(chance, base, clauses)]


def single(chance: Random, base: str, clauses: int) -> list[Query]:
    """Return queries for one clause by id; for the same few again; and again with their entity tags."""
    ids = [visible(chance.randrange(published_count(clauses))) for _ in range(VARIANTS)]
    usual, ours = [f"/clauses/{pk}/" for pk in ids], [f"{API}/clauses/{pk}" for pk in ids]
    few = {"usual": usual[:FEW], "ours": ours[:FEW], "repeated": True}
    return [
        Query("one", "one clause by id", usual, ours, {"sqlite": 10, "postgresql": 5}),
        Query("one again", "one clause, repeated", **few, goal={"sqlite": 20, "postgresql": 12}),
        Query("one 304", "one clause, not modified", **few, goal={"sqlite": 20, "postgresql": 12}, tagged=True),
    ]


def lists(chance: Random, base: str, clauses: int) -> list[Query]:
    """Return queries for pages of fifty, near the beginning and in the middle; with a count; repeated, and with tags."""
    middle = published_count(clauses) // SIZE // 2
    first = [chance.randrange(1, FIRST_PAGES + 1) for _ in range(VARIANTS)]
    deep = [middle + chance.randrange(-FIRST_PAGES // 2, FIRST_PAGES // 2) for _ in range(VARIANTS)]
    near, far = pages(base, first), pages(base, deep)
    usual = [f"/clauses/{query}" for query in near[0]]
    few = {"usual": usual[:FEW], "ours": near[1][:FEW], "repeated": True}
    return [
        Query("list", "page of 50", usual, near[1], {"sqlite": 10, "postgresql": 5}),
        Query(
            "deep",
            "page in the middle of the table",
            [f"/clauses/{query}" for query in far[0]],
            far[1],
            {"sqlite": 10, "postgresql": 5},
        ),
        Query("count", "page of 50 with the exact total", usual, [f"{path}&count=exact" for path in near[1]]),
        Query("list again", "page of 50, repeated", **few, goal={"sqlite": 30, "postgresql": 12}),
        Query("list 304", "page of 50, not modified", **few, goal={"sqlite": 30, "postgresql": 12}, tagged=True),
    ]


def filtered(chance: Random, base: str, clauses: int) -> list[Query]:
    """Return queries for clauses of a type and modality, ordered by their last change."""
    filters = [
        f"type={chance.choice(data.TYPES)}&modality={chance.choice(data.MODALITIES)}"
        f"&ordering={chance.choice(('', '-'))}updated_at&page_size={SIZE}"
        for _ in range(VARIANTS)
    ]
    usual, ours = [f"/clauses/?{query}" for query in filters], [f"{API}/clauses?{query}" for query in filters]
    return [Query("filter", "page of 50, filtered and ordered", usual, ours, {"sqlite": 10, "postgresql": 5})]


def expanded(chance: Random, base: str, clauses: int) -> list[Query]:
    """Return queries for clauses with their agreements and parties."""
    numbers = [chance.randrange(1, FIRST_PAGES + 1) for _ in range(VARIANTS)]
    usual, ours = pages(base, numbers, "&expand=agreement,parties")
    usual = [f"/clauses-expanded/{query}" for query in usual]
    title = "page of 50 with agreement and parties expanded"
    return [Query("expand", title, usual, ours, {"sqlite": 10, "postgresql": 5})]


def whole_agreement(chance: Random, base: str, clauses: int) -> list[Query]:
    """Return queries for an agreement with its related rows."""
    numbers = [chance.randrange(1, clauses // data.CLAUSES + 1) for _ in range(VARIANTS)]
    slugs = [data.slug(number) for number in numbers if data.is_published(number)]
    usual = [f"/agreements/{slug}/" for slug in slugs]
    ours = [f"{API}/agreements/{slug}?expand=parties" for slug in slugs]
    title = "one agreement with its related rows"
    return [Query("agreement", title, usual, ours, {"sqlite": 10, "postgresql": 5})]


def search(chance: Random, base: str, clauses: int) -> list[Query]:
    """Return searches for words and pairs of words that occur in both languages."""
    asked = [chance.choice(SOUGHT) + (f"+{chance.choice(PLACES)}" if turn % 2 else "") for turn in range(VARIANTS)]
    usual = [f"/clauses/?search={words}&page_size={SIZE}" for words in asked]
    ours = [f"{API}/clauses?q={words}&page_size={SIZE}" for words in asked]
    return [Query("search", "text search, 50 hits", usual, ours, {"sqlite": 100, "postgresql": 50}, ordered=False)]


def due(chance: Random, base: str, clauses: int) -> list[Query]:
    """Return queries for renewals that fall due within ninety days of some day."""
    days = [(data.ON + timedelta(days=chance.randrange(-300, 300))).isoformat() for _ in range(VARIANTS)]
    usual = [f"/renewals/?days=90&on={on}&page_size={SIZE}" for on in days]
    ours = [f"{API}/renewals?due_within=P90D&on={on}&page_size={SIZE}" for on in days]
    return [Query("renewals", "renewals due in 90 days", usual, ours, {"sqlite": 10, "postgresql": 5})]


def comparable(value: Any) -> Any:
    """Return rows without addresses, expanded rows in place of slugs, and numbers as floats: the services differ."""
    if isinstance(value, dict):
        members = value | value.get("expanded", {})
        return {name: comparable(item) for name, item in members.items() if name not in ("url", "expanded")}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else number_of(value)


def number_of(value: Any) -> Any:
    """Convert a decimal in a string to a float."""
    try:
        return float(Decimal(value)) if isinstance(value, str) and "." in value and value[-1:].isdigit() else value
    except InvalidOperation:
        return value


def rows(answer: Any) -> list[Any]:
    """Return the rows of a page, or the single row."""
    response = answer.get("results", [answer])
    return [comparable(row) for row in response]


def difference(query: Query, usual: str, ours: str) -> str:
    """Return the first difference between the responses of both services; empty if there is none."""
    for place in (0, len(query.ours) // 2, len(query.ours) - 1):
        try:
            one, other = rows(fetch(usual + query.usual[place])), rows(fetch(ours + query.ours[place]))
        except OSError as error:
            return f"{query.ours[place]}: {error}"
        if not query.ordered:
            one, other = (sorted(each, key=lambda row: row["id"]) for each in (one, other))
        if one != other:
            return f"{query.ours[place]}: {describe(one, other)}"
    return ""


def describe(one: list[Any], other: list[Any]) -> str:
    """Describe the first difference between two lists of rows."""
    if [row["id"] for row in one] != [row["id"] for row in other]:
        return (
            f"{len(one)} and {len(other)} rows, {len({row['id'] for row in one} & {row['id'] for row in other})} shared"
        )
    for first, second in zip(one, other, strict=True):
        for name in first.keys() | second.keys():
            if first.get(name) != second.get(name):
                return f"row {first['id']}, {name}: {first.get(name)!r} and {second.get(name)!r}"[:400]
    return ""
