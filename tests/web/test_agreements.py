"""The page of an agreement, and the start page, which shows one."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accords.models import Agreement, Citation, Clause, Source
from accords.web.agreements import MAX_ROWS, Quotation
from accords.web.wording import edtf_in_words
from tests import factories
from tests.clients import Client

SLUG = "us-china-rare-metals"
PAGE = f"/agreements/{SLUG}"
TAG = re.compile(r"<[^>]*>")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("deal")]


def read(html: str) -> str:
    """Return the text of HTML, each run of white space as one blank."""
    return " ".join(unescape(TAG.sub("", html.replace("</dt>", " "))).split())


def text(response: Any) -> str:
    assert response["Content-Type"].startswith("text/html")
    return read(response.content.decode())


def section_of(page: str, name: str) -> str:
    """Return the text of a section of a page by the id of its heading."""
    found = re.search(rf'aria-labelledby="{name}">(.*?)</section>', page, re.DOTALL)
    assert found, name
    return read(found[1])


def section(client: Client, name: str, **query: str) -> str:
    """Return the text of a section of the deal's page by the id of its heading."""
    return section_of(client.get(PAGE, query).content.decode(), name)


SECTIONS = {
    "en": {
        "parties": [
            "Party United States · China",
            "Donald Trump for United States",
            "Mentioned Nvidia · Observers",
        ],
        "clauses": [
            "57 % → 47 % (−10 percentage points)",
            "partial · certaines importations chinoises",
            "Owed by United States (not named here by the source; supplied by the editors)",
            "Asserted by Donald Trump",
            "The sources do not say that these are all the clauses.",
            "4 China resumes buying American soybeans",
        ],
        "denied": [
            "Donald Trump denies: The discussions touched on the subject of exports",
        ],
        "timeline": [
            "30 October 2026 Renegotiation overdue · computed",
            "April, year not stated · “avril prochain”",
        ],
        "facts": [
            "Effective 30 October 2025 editorial",
            "Term 1 year stated",
            "Renewal mode negotiated stated",
        ],
        "missing": [
            "announced, signed, term ends, maximum number of renewals",
            "When it was signed",
        ],
        "sources": [
            "Editorial note",
            "fragile et provisoire",
        ],
    },
    "fr": {
        "parties": [
            "Partie United States · China",
            "Donald Trump pour United States",
        ],
        "clauses": [
            "57 % → 47 % (−10 points)",
            "présenté comme un résultat des pourparlers",
            "4 la reprise par la Chine de l'achat de soja américain",
        ],
        "timeline": [
            "30 octobre 2026 Renégociation en retard",
            "avril, année non précisée · « avril prochain »",
        ],
        "facts": [
            "Durée 1 an",
            "Périodes de renouvellement 1 an",
        ],
    },
}


@pytest.mark.parametrize("language", SECTIONS)
def test_a_section_says_in_plain_words_what_the_sources_say(
    client: Client, language: str, subtests: pytest.Subtests
) -> None:
    page = client.get(PAGE, {"language": language, "on": "2026-11-24"}).content.decode()
    for name, expected in SECTIONS[language].items():
        with subtests.test(name):
            found = section_of(page, name)
            assert [words for words in expected if words not in found] == [], found


def test_a_denial_is_in_no_clause(client: Client) -> None:
    assert "Nvidia" not in section(client, "clauses")
    assert "Nvidia" in section(client, "denied")


def test_only_speakers_who_affirm_a_clause_assert_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    clause = Clause.objects.get(agreement__slug=SLUG, number="1")
    for polarity in ("positive", "negative", "unknown"):
        speaker = factories.party(f"speaker-{polarity}", name=f"Speaker {polarity}")
        values = {"kind": "assertion", "polarity": polarity, "speaker": speaker, "clause": clause}
        factories.statement(clause.agreement, f"S-{polarity}", **values)
    said = section(client, "statements")
    assert [words for words in ("Speaker negative negative:", "Speaker unknown unknown:") if words not in said] == []
    monkeypatch.setattr("accords.web.agreements.MAX_ROWS", 1)  # the last statements are not shown, but count
    assert re.findall(r"Asserted by Speaker \w+", section(client, "clauses")) == ["Asserted by Speaker positive"]


def test_every_claim_stands_with_the_words_of_its_source(client: Client) -> None:
    cited = Citation.objects.of_agreement(Agreement.objects.get(slug=SLUG).pk).values_list("exact", flat=True)
    page, sources, _ = text(client.get(PAGE)).partition("Sources Press article")
    assert sources
    assert len(cited) > 30
    assert [words for words in cited if " ".join(words.split()) not in page] == []


@pytest.mark.parametrize(
    ("accepted", "query", "language"),
    [
        ("fr-CA,fr;q=0.9", "", "fr"),
        ("de", "", "en"),
        ("", "", "en"),
        ("fr", "?language=en", "en"),
        ("", "?language=xx", "en"),
    ],
)
def test_the_language_is_the_one_asked_for_or_the_browsers(
    client: Client, accepted: str, query: str, language: str
) -> None:
    for path in ("/", PAGE):
        response = client.get(path + query, headers={"Accept-Language": accepted} if accepted else {})
        assert response["Content-Language"] == language
        assert f'<html lang="{language}">' in response.content.decode()
        assert "Accept-Language" in response["Vary"]
        assert response["Cache-Control"] == "no-cache, public"


def test_links_to_pages_keep_the_language_that_was_chosen(client: Client) -> None:
    for path in ("/", "/agreements", PAGE):
        links = re.findall(r'href="(/(?:agreements[^"]*)?)"', client.get(f"{path}?language=fr").content.decode())
        assert links
        assert [link for link in links if "?language=fr" not in link] == []


def test_the_links_give_what_the_page_shows(client: Client) -> None:
    links = {unescape(link) for link in re.findall(r'href="(/api/v1/[^"]*)"', client.get(PAGE).content.decode())}
    types = {client.get(link)["Content-Type"].partition(";")[0] for link in links}
    assert types == {"application/json", "text/csv", "text/calendar"}
    assert {client.get(link).status_code for link in links} == {200}


def test_an_agreement_is_shown_on_a_day(client: Client) -> None:
    assert "As of 1 January 2026: current (within its term" in text(client.get(PAGE, {"on": "2026-01-01"}))
    assert "As of 1 January 2025: upcoming (takes effect after that day)." in text(
        client.get(PAGE, {"on": "2025-01-01"})
    )
    response = client.get(PAGE, {"on": "2026-02-30"})
    assert response.status_code == 400
    assert "Enter a date as YYYY-MM-DD." in text(response)


@pytest.mark.parametrize(
    ("date", "english", "french"),
    [
        ("2026", "2026", "2026"),
        ("2026-12", "December 2026", "décembre 2026"),
        ("2026-12-01", "1 December 2026", "1 décembre 2026"),
        ("2026-21", "spring 2026", "printemps 2026"),
        ("2026-22", "summer 2026", "été 2026"),
        ("2026-23", "autumn 2026", "automne 2026"),
        ("2026-24", "winter 2026", "hiver 2026"),
        ("2026-24~", "2026-24~", "2026-24~"),
        ("2026-21/2026-23", "2026-21/2026-23", "2026-21/2026-23"),
    ],
)
def test_a_date_is_written_as_people_write_it(date: str, english: str, french: str) -> None:
    for language, expected in (("en", english), ("fr", french)):
        with translation.override(language):
            assert edtf_in_words(date) == expected


def test_a_season_is_shown_in_words_on_every_page(client: Client) -> None:
    Agreement.objects.update(is_published=False)
    agreement = factories.agreement("spring", effective="2026-21", signed="2025-24")
    factories.event(agreement, date="2026-22")
    for path in ("/", "/agreements/spring"):
        response = client.get(path)
        assert response.status_code == 200
        assert [words for words in ("spring 2026", "winter 2025", "summer 2026") if words not in text(response)] == []


def test_a_draft_is_not_found_by_those_who_may_not_view_drafts(client: Client) -> None:
    Agreement.objects.update(is_published=False)
    assert client.get(PAGE).status_code == 404
    assert "No agreement is published yet." in text(client.get("/"))
    user = User.objects.create_user("editor")
    client.force_login(user)
    assert client.get(PAGE).status_code == 404
    user.user_permissions.add(Permission.objects.get(codename="view_agreement"))
    response = client.get(PAGE.upper().replace("/AGREEMENTS", "/agreements"))
    assert response.status_code == 200
    assert "This is a draft." in text(response)
    assert 'content="noindex"' in response.content.decode()
    assert "private" in response["Cache-Control"]


def test_related_agreements_are_linked_if_they_are_visible(client: Client) -> None:
    deal = Agreement.objects.get(slug=SLUG)
    later = factories.agreement("later", supersedes=deal)
    factories.agreement("draft", amends=deal, is_published=False)
    page = text(client.get(PAGE))
    assert "Replaced by Agreement later" in page
    assert "Amended by" not in page
    assert f"Takes the place of {deal.title}" in text(client.get(f"/agreements/{later.slug}"))


def test_the_start_page_shows_the_deal(client: Client) -> None:
    page = text(client.get("/"))
    assert "Agreements as data" in page
    for words in ("United States–China deal on rare metals", "China resumes buying American soybeans", "denies:"):
        assert words in page
    assert page.count("How it is stated") == 5
    assert "Agreement other" not in page
    factories.agreement("other")
    assert "Agreement other" in text(client.get("/"))


def test_the_agreements_are_listed_by_title_page_by_page(client: Client) -> None:
    with factories.without_validation():
        for number in range(50):
            factories.agreement(f"a-{number:02}")
    factories.agreement("draft", is_published=False)
    first = text(client.get("/agreements"))
    assert first.count("Agreement a-") == 50
    assert "draft" not in first
    assert "United States–China deal on rare metals" in text(client.get("/agreements?page=2"))
    assert client.get("/agreements?page=3").status_code == 404


def test_scripts_are_not_needed(client: Client) -> None:
    paths = ("/", PAGE, "/agreements", "/guide", "/guide/start")
    assert [path for path in paths if "<script" in client.get(path).content.decode()] == []


def test_the_words_around_a_quotation_are_whole() -> None:
    source = Source()
    source.length = 100

    def around(start: int, prefix: str, end: int, suffix: str) -> tuple[str, str]:
        passage = Quotation(source, start, end, prefix, "the", suffix, [])
        return passage.text_before, passage.text_after

    assert around(40, "arché et du contexte. ", 43, " que la Chine s'était enga") == (
        "… et du contexte. ",
        " que la Chine s'était …",
    )
    assert around(40, "arché\net\u00a0du ", 43, "\nla\u00a0Chi") == ("… et\u00a0du ", "\nla …")
    assert around(40, "協定は", 43, "。") == ("… 協定は", "。 …")
    assert around(10, "Le marché ", 90, " est libre") == ("Le marché ", " est libre")


def test_a_list_that_is_cut_is_followed_by_a_link_to_the_whole(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("All parties and others", "All clauses", "All statements", "All events")
    assert [link for link in words if link in text(client.get(PAGE))] == []
    monkeypatch.setattr("accords.web.agreements.MAX_ROWS", 1)
    html = client.get(PAGE).content.decode()
    links = [re.search(rf'<a href="([^"]*)">{link}, as JSON</a>', html) for link in words]
    assert [link and client.get(unescape(link[1])).status_code for link in links] == [200] * 4


def test_the_number_of_queries_and_rows_is_limited(client: Client) -> None:
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    agreement = Agreement.objects.get(slug=SLUG)
    with factories.without_validation():
        for number in range(MAX_ROWS):
            factories.clause(agreement, f"x{number}", position=100 + number)
    with CaptureQueriesContext(connection) as many:
        response = client.get(PAGE)
    assert len(many) == len(few)
    assert response.content.decode().count('class="clause"') == MAX_ROWS
    assert "All clauses, as JSON" in text(response)
