"""The calendar: read back by a strict parser of our own and by the library, whatever the rows say."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accords.api import calendar
from accords.api.calendar import label_and_meaning
from accords.db.audit_log import unrecorded
from accords.models import Agreement, Renewal
from accords.services import renewals_changed
from accords.vocabulary import RenewalBasis, RestsOn
from tests import factories
from tests.api.addresses import BASE
from tests.api.ics import ONCE, events, get_calendar, parse_calendar, single_event, text
from tests.clients import Client
from tests.renewals_table import GENOCIDE, TODAY, project

pytestmark = pytest.mark.django_db

ON = "on=2026-11-23"
ALL = f"{BASE}/renewals.ics"
EVER = "past=P9999Y&future=P9999Y"
WHOLE = f"{ALL}?{EVER}"
HOSTILE = {
    "line break": "Deal\r\nATTENDEE:mailto:evil@example.org",
    "carriage return": "Deal\rATTENDEE:mailto:evil@example.org",
    "new line": "Deal\nEND:VEVENT",
    "next line": "Deal\x85ATTENDEE:x",
    "line separator": "Deal\u2028ATTENDEE:x\u2029",
    "control characters": "De\x07al\x1b[31m\x7f\x0b",
    "folded": "Deal\r\n ATTENDEE:x",
    "escapes": "C:\\New; \\n, \\N \\\\, \\; a:b",
    "quotes": "\"Deal\"; 'x'",
    "long": "Ein sehr langer Titel über Metalle 🌾" * 7,
    "emoji": "🌾" * 100,
    "joined": "👩‍🌾é" * 60,
    "right to left": "\u202eDeal",
}


@pytest.fixture
def convention() -> Agreement:
    """Create the Genocide Convention with its dates up to 2036."""
    agreement = factories.agreement("genocide", **GENOCIDE)
    project(agreement)
    return agreement


def test_a_renegotiation_is_an_all_day_event(client: Client) -> None:
    row = factories.renewal(factories.agreement(title="Rare metals, soy; tariffs"))
    event = single_event(get_calendar(client, f"{WHOLE}&{ON}"))
    assert event.value("UID") == f"{row.agreement_id}/renegotiation/1@accords"
    assert (event.day("DTSTART"), event.day("DTEND")) == (date(2026, 10, 30), date(2026, 10, 31))
    assert text(event.value("SUMMARY")) == "Renegotiation: Rare metals, soy; tariffs"
    assert text(event.value("DESCRIPTION")).split("\n") == [
        "Renegotiation 1: the term ends and both sides must agree again.",
        "It depends: only if both parties agree again.",
        "Date: computed, follows from the agreement's dates by its renewal rules.",
        "State: projected, follows from the rules; no one is known to have set it.",
        "Overdue: nothing is recorded of what became of it.",
    ]
    assert (event.value("STATUS"), event.value("TRANSP")) == ("TENTATIVE", "TRANSPARENT")
    assert event.value("URL") == "http://testserver/api/v1/agreements/rare-metals"
    stamp = max(row.updated_at, row.agreement.updated_at).strftime("%Y%m%dT%H%M%SZ")
    assert event.value("DTSTAMP") == event.value("LAST-MODIFIED") == stamp
    assert event.components == []
    assert "Overdue" not in text(single_event(get_calendar(client, f"{WHOLE}&on=2026-10-30")).value("DESCRIPTION"))


@pytest.mark.parametrize(
    ("due", "first", "after"),
    [
        ("2026-11", "2026-11-01", "2026-12-01"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-10-30~", "2026-10-29", "2026-11-01"),
        ("2026-10-30/2026-11-02", "2026-10-30", "2026-11-03"),
        ("0001", "0001-01-01", "0002-01-01"),
    ],
)
def test_an_uncertain_date_reaches_over_all_its_days_and_says_so(
    due: str, first: str, after: str, client: Client
) -> None:
    factories.renewal(factories.agreement(), due=due)
    event = single_event(get_calendar(client, WHOLE))
    assert (str(event.day("DTSTART")), str(event.day("DTEND"))) == (first, after)
    assert text(event.value("SUMMARY")).endswith(f"(day uncertain: {due})")
    assert f"The date is {due} (EDTF): some day from {first} to " in text(event.value("DESCRIPTION"))


def test_the_first_and_the_last_day_of_the_calendar_can_be_written(client: Client) -> None:
    agreement = factories.agreement()
    for number, due in enumerate(("0001-01-01", "9999-12-31", "9999"), start=1):
        factories.renewal(agreement, number, due=due, basis="stated", offset="")
    first, last, year = sorted(events(get_calendar(client, WHOLE)), key=lambda event: event.value("UID"))
    assert (first.value("DTSTART"), first.value("DTEND")) == ("00010101", "00010102")
    assert (last.value("DTSTART"), last.value("DURATION")) == ("99991231", "P1D")
    assert (year.value("DTSTART"), year.value("DURATION")) == ("99990101", "P365D")


@pytest.mark.parametrize("due", ["XXXX-11", "", "2026/..", "../2026"])
def test_what_is_not_between_two_days_is_no_event(due: str, client: Client) -> None:
    factories.renewal(factories.agreement(), due=due, basis="stated")
    feed = get_calendar(client, WHOLE)
    assert [one.name for one in feed.components] == ["VTIMEZONE"]


@pytest.mark.parametrize(
    ("fields", "agreement", "status"),
    [
        ({}, {}, "TENTATIVE"),
        ({"status": "scheduled"}, {}, "CONFIRMED"),
        ({"status": "concluded"}, {}, "CONFIRMED"),
        ({"status": "missed"}, {}, "CANCELLED"),
        ({}, {"status": "terminated"}, "CANCELLED"),
        ({"status": "concluded"}, {"status": "terminated"}, "CONFIRMED"),
        ({"kind": "expiry"}, {"status": "terminated"}, "TENTATIVE"),
    ],
)
def test_the_status_says_whether_it_takes_place(
    fields: dict[str, str], agreement: dict[str, str], status: str, client: Client
) -> None:
    factories.renewal(factories.agreement(**agreement), **fields)
    event = single_event(get_calendar(client, WHOLE))
    assert event.value("STATUS") == status
    over = "It will not take place: the agreement is over before it."
    assert (over in text(event.value("DESCRIPTION"))) is (status == "CANCELLED" and fields.get("status") != "missed")


def test_words_of_two_vocabularies_that_are_written_alike_have_each_its_own_meaning() -> None:
    for word in (RenewalBasis.EDITORIAL, RestsOn.EDITORIAL):
        assert label_and_meaning(word, "en") == (str(word.label), word.meaning)


def test_what_comes_after_a_published_successor_is_cancelled(client: Client) -> None:
    deal = factories.agreement()
    for sequence in (1, 2):
        factories.renewal(deal, sequence, due=f"{2025 + sequence}-10-30", basis="stated")
    successor = factories.agreement(
        "successor", supersedes=deal, effective="2027-01-01", status="in_force", is_published=False
    )
    assert [event.value("STATUS") for event in events(get_calendar(client, WHOLE))] == ["TENTATIVE", "TENTATIVE"]
    successor.is_published = True
    successor.save()
    renewals_changed([deal.pk], on=TODAY)
    assert [event.value("STATUS") for event in events(get_calendar(client, WHOLE))] == ["TENTATIVE", "CANCELLED"]


def test_notice_deadlines_to_come_have_alarms_and_nothing_else_has(convention: Agreement, client: Client) -> None:
    found = events(get_calendar(client, f"{BASE}/agreements/genocide/renewals.ics?{EVER}&{ON}"))
    warned = [event for event in found if event.components]
    assert [event.value("UID") for event in warned] == [
        f"{convention.pk}/notice_deadline/15@accords",
        f"{convention.pk}/notice_deadline/16@accords",
    ]
    assert warned[0].day("DTSTART") == date(2030, 7, 12)
    for event in warned:
        assert [alarm.name for alarm in event.components] == ["VALARM", "VALARM"]
        assert [alarm.value("TRIGGER") for alarm in event.components] == ["-P30D", "-P7D"]
        assert {alarm.value("ACTION") for alarm in event.components} == {"DISPLAY"}
        assert {alarm.value("DESCRIPTION") for alarm in event.components} == {event.value("SUMMARY")}
    assert len([event for event in found if event.value("CATEGORIES") == "notice_deadline"]) == 16


def test_a_deadline_warns_until_its_last_day_and_not_once_cancelled(client: Client) -> None:
    deal = factories.agreement(renewal_mode="automatic", notice_period="P1M")
    row = factories.renewal(deal, kind="notice_deadline", due="2026-09-30", offset="")
    assert single_event(get_calendar(client, f"{WHOLE}&on=2026-09-30")).components
    assert not single_event(get_calendar(client, f"{WHOLE}&on=2026-10-01")).components
    row.status = "missed"
    row.save()
    assert not single_event(get_calendar(client, f"{WHOLE}&on=2026-09-30")).components


def test_uids_depend_on_neither_host_nor_row(convention: Agreement, client: Client) -> None:
    def uids(host: str) -> list[str]:
        response = client.get(f"{WHOLE}&due_within=P10Y&{ON}", headers={"host": host})
        return [event.value("UID") for event in events(parse_calendar(response.content))]

    before = uids("localhost")
    Agreement.objects.update(updated_at=datetime(2020, 1, 2, tzinfo=UTC))
    Renewal.objects.update(updated_at=datetime(2020, 1, 3, tzinfo=UTC))
    sequence = int(events(get_calendar(client, WHOLE))[0].value("SEQUENCE"))
    Renewal.objects.all().delete()
    project(convention)
    assert uids("127.0.0.1") == before
    assert int(events(get_calendar(client, WHOLE))[0].value("SEQUENCE")) > sequence
    assert len(set(before)) == len(before) == 4


def test_a_change_is_seen_in_the_sequence_and_in_when_it_was_changed(client: Client) -> None:
    row = factories.renewal(factories.agreement())
    created = datetime(2020, 1, 2, tzinfo=UTC)
    Agreement.objects.update(updated_at=created)
    Renewal.objects.update(created_at=created, updated_at=created)
    event = single_event(get_calendar(client, WHOLE))
    assert (event.value("SEQUENCE"), event.value("CREATED")) == ("86400", "20200102T000000Z")
    Renewal.objects.filter(pk=row.pk).update(updated_at=created + timedelta(seconds=90))
    event = single_event(get_calendar(client, WHOLE))
    assert (event.value("SEQUENCE"), event.value("LAST-MODIFIED")) == ("86490", "20200102T000130Z")
    Agreement.objects.update(updated_at=created + timedelta(days=1))
    event = single_event(get_calendar(client, WHOLE))
    assert (event.value("SEQUENCE"), event.value("DTSTAMP")) == ("172800", "20200103T000000Z")


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_no_title_breaks_out_of_its_line(title: str, client: Client) -> None:
    agreement = factories.agreement()
    row = factories.renewal(agreement, kind="notice_deadline", due="2027-01-01", offset="")
    Agreement.objects.filter(pk=agreement.pk).update(title=title[:300])
    agreement.refresh_from_db()
    for path in (ALL, f"{BASE}/agreements/rare-metals/renewals.ics"):
        feed = get_calendar(client, f"{path}?{EVER}&{ON}")
        event = single_event(feed)
        assert {line.name for line in event.lines} <= {
            *(*ONCE, "DTEND", "CATEGORIES", "TRANSP"),
        }
        shown = calendar.one_line(agreement.title)
        assert text(event.value("SUMMARY")) == f"Notice deadline: {shown}"
        assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]", shown)
        assert len(event.components) == 2
    assert text(feed.value("NAME")) == text(feed.value("X-WR-CALNAME")) == f"Renewal dates: {shown}"
    assert row.pk


def test_it_takes_the_filters_of_the_list_and_the_same_rows_answer(convention: Agreement, client: Client) -> None:
    factories.party("un")
    factories.participation(
        convention, convention.participations.model.party.field.related_model.objects.get(slug="un")
    )
    factories.renewal(factories.agreement(), status="scheduled")
    for question in (
        f"due_within=P5Y&{ON}",
        "kind=notice_deadline",
        "status=scheduled",
        "agreement=genocide&due_after=2020-01-01",
        "party=un&due_certain_before=1970-01-01",
        f"overdue=true&{ON}",
        "basis__in=stated,editorial",
    ):
        rows = client.get(f"{BASE}/renewals?{question}&page_size=200").json()["results"]
        ids = dict(Agreement.objects.values_list("slug", "pk"))
        uids = [f"{ids[row['agreement']]}/{row['kind']}/{row['sequence']}@accords" for row in rows]
        assert [event.value("UID") for event in events(get_calendar(client, f"{WHOLE}&{question}"))] == uids, question


@pytest.mark.parametrize("name", ["page_size", "ordering", "fields", "expand", "cursor", "count", "anchor", "nonsense"])
def test_parameters_of_pages_and_shapes_mean_nothing_here(name: str, client: Client) -> None:
    factories.renewal(factories.agreement())
    for path in (ALL, f"{BASE}/agreements/rare-metals/renewals.ics"):
        response = client.get(f"{path}?{name}=1")
        assert response.status_code == 400
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["errors"][0]["code"] == "unknown_parameter"
    assert client.get(f"{BASE}/agreements/rare-metals/renewals.ics?agreement=rare-metals").status_code == 400


def test_it_has_a_window_which_it_names_and_which_can_be_moved(client: Client) -> None:
    agreement = factories.agreement()
    dues = ("2024-11-22", "2025-11-23", "2026-11-23", "2031-11-23", "2031-11-24", "2040", "1950/2050")
    for sequence, due in enumerate(dues, start=1):
        factories.renewal(agreement, sequence, due=due, basis="stated")

    def shown(query: str) -> list[int]:
        return sorted(
            int(event.value("UID").split("/")[2][:-8]) for event in events(get_calendar(client, f"{ALL}?{query}"))
        )

    assert shown(ON) == [2, 3, 4, 7]
    assert shown(f"{ON}&past=P3Y") == [1, 2, 3, 4, 7]
    assert shown(f"{ON}&future=P14Y") == [2, 3, 4, 5, 6, 7]
    assert shown(f"{ON}&past=P1D&future=P1D") == [3, 7]
    assert shown(f"{ON}&{EVER}") == [1, 2, 3, 4, 5, 6, 7]
    assert shown(f"{ON}&due_certain_before=2026-01-01") == [2]
    feed = get_calendar(client, f"{ALL}?{ON}&future=P18M")
    about = "Dates that may fall due from 2025-11-23 to 2028-05-23. The parameters past and future move these days."
    assert text(feed.value("DESCRIPTION")) == text(feed.value("X-WR-CALDESC")) == about
    for name in ("past", "future"):
        body = client.get(f"{ALL}?{name}=PT1H").json()
        assert [(fault["parameter"], fault["code"]) for fault in body["errors"]] == [(name, "not_a_duration")]


def test_no_number_of_events_is_too_large(client: Client) -> None:
    agreement = factories.agreement()
    with unrecorded():
        Renewal.objects.bulk_create(
            Renewal(
                agreement=agreement,
                sequence=number,
                kind="review",
                due="2026-10-30",
                basis="stated",
                due_earliest=date(2026, 10, 30),
                due_latest=date(2026, 10, 30),
            )
            for number in range(1, 302)
        )
    assert len(events(get_calendar(client, f"{ALL}?{ON}"))) == 300


@pytest.mark.parametrize(
    ("due", "first", "after", "shown"),
    [
        ("2026-21", "2026-03-01", "2026-06-01", "spring 2026"),
        ("2026-22", "2026-06-01", "2026-09-01", "summer 2026"),
        ("2026-23~", "2026-09-01", "2026-12-01", "autumn 2026"),
        ("2026-24", "2026-12-01", "2027-03-01", "winter 2026"),
    ],
)
def test_a_season_is_three_months_and_its_event_says_what_it_may_be(
    due: str, first: str, after: str, shown: str, client: Client
) -> None:
    factories.renewal(factories.agreement(), due=due)
    event = single_event(get_calendar(client, WHOLE))
    assert (str(event.day("DTSTART")), str(event.day("DTEND"))) == (first, after)
    assert text(event.value("SUMMARY")).endswith(f"(day uncertain: {shown})")
    assert "2027" in text(event.value("DESCRIPTION"))
    assert "as it names no hemisphere" in text(event.value("DESCRIPTION"))


@pytest.mark.parametrize(
    ("agreement", "caution"),
    [
        ({"status": "terminated"}, "the agreement is terminated; no day is stated."),
        ({"status": "terminated", "status_since": "2027"}, "the agreement is terminated since 2027."),
        ({"status": "in_force"}, ""),
    ],
)
def test_the_end_of_a_terminated_agreement_carries_a_caution(
    agreement: dict[str, str], caution: str, client: Client
) -> None:
    factories.renewal(factories.agreement(**agreement), kind="expiry", due="2026-10-30")
    description = text(single_event(get_calendar(client, WHOLE)).value("DESCRIPTION"))
    assert ("is terminated" in description) == bool(caution)
    assert caution in description


def test_drafts_are_in_no_calendar(client: Client, stranger: Client, editor: Client) -> None:
    factories.renewal(factories.agreement("draft", is_published=False, title="Secret"))
    path = f"{BASE}/agreements/draft/renewals.ics"
    for caller in (client, stranger):
        assert events(get_calendar(caller, WHOLE)) == []
        assert b"Secret" not in caller.get(WHOLE).content
        assert caller.get(path).status_code == 404
        assert caller.get(f"{ALL}?agreement=draft").status_code == 400
    assert len(events(get_calendar(editor, WHOLE))) == len(events(get_calendar(editor, path))) == 1


def test_it_is_asked_again_by_its_etag_and_shared_only_if_it_may_be(client: Client, stranger: Client) -> None:
    row = factories.renewal(factories.agreement())
    first = client.get(ALL)
    assert first.headers["Cache-Control"] == "no-cache, public"
    assert "private" in stranger.get(ALL).headers["Cache-Control"]
    assert first.headers["Content-Disposition"] == 'inline; filename="renewals.ics"'
    again = client.get(ALL, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    row.status = "scheduled"
    row.save()
    assert client.get(ALL, headers={"if-none-match": first.headers["ETag"]}).status_code == 200


def test_who_wants_something_else_gets_a_list_of_what_there_is(client: Client) -> None:
    factories.renewal(factories.agreement())
    for accept in ("text/calendar", "*/*", "text/*", "text/html, */*;q=0.1"):
        assert client.get(ALL, headers={"accept": accept}).status_code == 200, accept
    refused = client.get(ALL, headers={"accept": "application/json"})
    assert (refused.status_code, refused.headers["Content-Type"]) == (406, "application/problem+json")
    assert "text/calendar" in refused.json()["detail"]
    assert client.options(ALL).headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.post(ALL).status_code == 405
    headed, got = client.head(ALL), client.get(ALL)
    assert (headed.status_code, headed.content) == (200, b"")
    assert headed.headers["ETag"] == got.headers["ETag"]
    assert client.head(ALL, headers={"if-none-match": got.headers["ETag"]}).status_code == 304
    assert client.get(f"{ALL}/").content == client.get(ALL).content


def test_the_number_of_queries_does_not_depend_on_the_number_of_events(client: Client) -> None:
    def query_count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            get_calendar(client, path)
        return len(queries)

    deal = factories.agreement()
    factories.renewal(deal)
    one = [query_count(path) for path in (WHOLE, f"{WHOLE}&due_within=P90Y&on=2020-01-01")]
    for sequence in range(2, 30):
        factories.renewal(factories.agreement(f"a-{sequence}"), sequence, due=f"20{sequence + 20}-10-30")
    assert [query_count(path) for path in (WHOLE, f"{WHOLE}&due_within=P90Y&on=2020-01-01")] == one
