"""The usual service of the benchmark and accords answer every question of its mix with the same rows."""

from typing import Any

from django.urls import include, path

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as ours
from tests.bench import data
from tests.bench.baseline.urls import urlpatterns as usual
from tests.bench.load import load, settle
from tests.bench.queries import comparable, describe, difference, mix, published_count, visible

urlpatterns = [path("baseline/", include(usual)), *ours]
__all__ = ["handler400", "handler403", "handler404", "handler500"]

CLAUSES = 550


def test_both_give_the_same_rows(live_server: Any, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("tests.bench.queries.FIRST_PAGES", 6)  # which so many clauses have
    settings.ROOT_URLCONF = __name__
    load(CLAUSES)
    settle()
    base = live_server.url
    found = {query.name: difference(query, f"{base}/baseline", base) for query in mix(base, CLAUSES)}
    assert found == dict.fromkeys(found, "")
    assert len(found) == 13


def test_a_difference_is_reported() -> None:
    row = {"id": 1, "url": "a", "value": "57.0000", "parties": [{"party": "x"}]}
    assert describe([comparable(row)], [comparable(row | {"url": "b", "value": 57})]) == ""
    assert "value" in describe([comparable(row)], [comparable(row | {"value": 58})])
    assert describe([comparable(row)], [comparable(row | {"id": 2})]) == "1 and 1 rows, 0 shared"
    assert "parties" in describe([comparable(row)], [comparable(row | {"parties": []})])


def test_the_place_of_a_clause_among_those_that_can_be_seen() -> None:
    visible_ids = [pk for number in range(1, 121) if data.is_published(number) for pk in data.clause_ids(number)]
    assert [visible(place) for place in range(len(visible_ids))] == visible_ids
    assert published_count(1200) == len(visible_ids)
