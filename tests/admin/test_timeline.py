"""The picture of an agreement in time, as its page draws it."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accords.admin.timeline import MOST_TOLD
from accords.models import Agreement
from tests import factories
from tests.admin.pages import url
from tests.admin.test_agreement_summary import made
from tests.clients import Client

pytestmark = pytest.mark.django_db

ON = "2026-11-23T12:00:00Z"


def page(editor: Client, agreement: Agreement) -> str:
    """The agreement's page on the day ON."""
    with time_machine.travel(ON):
        return editor.get(url(agreement, "change")).content.decode()


def picture(html: str) -> ElementTree.Element:
    """The picture, which is well-formed."""
    return ElementTree.fromstring(re.search("<svg class=.timeline.*?</svg>", html, re.DOTALL)[0])  # type: ignore[index]  # noqa: S314


def drawn(html: str, tone: str) -> dict[str, list[str]]:
    """What is drawn in a tone: what each mark says, and its shapes."""
    marks = [one for one in picture(html).iter("g") if one.get("class") == tone]
    return {(one[0].text or ""): [shape.get("class") or shape.tag for shape in one[1:]] for one in marks}


def undated(html: str) -> list[str]:
    """What has no place in the picture."""
    return [
        unescape(re.sub("<[^>]*>", "", one))
        for one in re.findall(r'<span class="chip chip-implicit">(.*?)</span>', html)
    ]


def test_terms_renewals_and_dates_are_drawn_and_what_is_overdue_stands_out(editor: Client) -> None:
    html = page(editor, made(notice_period="P1M"))
    assert drawn(html, "t-fact t-held") == {"effective: 2025-10-30": ["circle", "text"]}
    assert drawn(html, "t-term t-held") == {"term 1: 2025-10-30 – 2026-10-30": ["t-frame", "t-sure", "text"]}
    assert drawn(html, "t-term t-planned")["term 2: 2026-10-30 – 2027-10-30"] == ["t-frame", "t-sure", "text"]
    assert drawn(html, "t-renewal t-late") == {"renegotiation 1: 2026-10-30": ["path", "text"]}
    assert "renegotiation 2: 2027-10-30" in drawn(html, "t-renewal t-planned")
    assert "notice deadline 2: 2027-09-30" in drawn(html, "t-notice t-planned")
    assert [one.text for one in picture(html).iter("text") if one.get("class") == "t-today"] == ["today, 2026-11-23"]


def test_a_date_that_is_not_one_day_is_a_frame_and_one_without_bounds_is_told_apart(editor: Client) -> None:
    deal = factories.agreement("bare", effective="2025-10", term="", renewal_mode="unspecified", renewal_interval="")
    factories.event(deal, "E1", kind="visit", date="2026-04", status="planned")
    factories.event(deal, "E2", kind="visit", date="XXXX-04", date_text="avril prochain", status="planned")
    factories.event(deal, "E3", kind="visit", date_text="ultérieurement", status="cancelled")
    factories.renewal(deal, 1, kind="review", basis="stated", due="", offset="")
    html = page(editor, deal)
    assert drawn(html, "t-fact t-held") == {"effective: 2025-10": ["t-frame", "text"]}
    assert drawn(html, "t-event t-planned") == {"E1 visit: 2026-04": ["t-frame", "text"]}
    assert undated(html) == ["review 1: not stated", "E2 visit: XXXX-04 · avril prochain", "E3 visit: ultérieurement"]
    assert drawn(html, "t-term t-held") == {"term 1: 2025-10-01/2025-10-31 – ?": ["t-frame", "text"]}


def test_an_end_that_took_place_makes_the_next_term_sure_and_one_that_was_missed_the_last(editor: Client) -> None:
    deal = factories.agreement("gone-on")
    factories.renewal(deal, 1, due="2026-10-30", status="concluded")
    factories.renewal(deal, 2, due="2027-10-30", offset="P2Y", status="missed")
    factories.renewal(deal, 3, due="2028-10-30", offset="P3Y", basis="stated")
    html = page(editor, deal)
    assert list(drawn(html, "t-term t-held")) == [
        "term 1: 2025-10-30 – 2026-10-30",
        "term 2: 2026-10-30 – 2027-10-30",
    ]
    assert drawn(html, "t-term t-planned") == {}
    assert list(drawn(html, "t-renewal t-gone")) == ["renegotiation 2: 2027-10-30"]


def test_the_picture_says_what_it_is_and_a_table_says_the_same(editor: Client, deal: factories.FixtureRows) -> None:
    html = page(editor, deal.agreement)
    svg = picture(html)
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "timeline-title timeline-desc"
    assert [(one.tag, one.get("id")) for one in svg[:2]] == [("title", "timeline-title"), ("desc", "timeline-desc")]
    assert "today is 2026-11-23" in (svg[1].text or "")
    assert (
        f'<td>renewals</td><td><a href="{url(deal.renewal, "change")}">renegotiation 1</a></td><td>2026-10-30</td>'
        in html
    )
    assert [one for one in svg.iter() if "style" in one.attrib or one.tag == "a"] == []


def test_words_are_escaped(editor: Client) -> None:
    deal = factories.agreement("odd")
    factories.event(deal, "<i>&", date="2026-01-01", date_text="<script>x</script>")
    html = page(editor, deal)
    assert list(drawn(html, "t-event t-held")) == ["<i>& meeting: 2026-01-01 · <script>x</script>"]
    assert "<script>x" not in html
    assert "<i>&" not in html


def test_an_agreement_without_a_date_says_so(editor: Client) -> None:
    bare = factories.agreement("bare", effective="", term="", renewal_mode="unspecified", renewal_interval="")
    html = page(editor, bare)
    assert '<svg class="timeline"' not in html
    assert "No date of it is stated." in html


def test_hundreds_of_dates_are_a_small_picture_and_as_many_queries(editor: Client) -> None:
    few, many = factories.agreement("few"), made("many", effective="1950-01-31", term="P1M", renewal_interval="P1M")
    factories.renewal(few)
    assert many.renewals.count() > 900
    asked = []
    for agreement in (few, many):
        with CaptureQueriesContext(connection) as queries:
            html = page(editor, agreement)
        asked.append(len(queries))
    assert asked[1] <= asked[0]
    assert len([*picture(html).iter("g")]) < 800
    assert html.count("<td>renewals</td>") + html.count("<td>terms</td>") <= MOST_TOLD
    assert "labels found no place" in html
