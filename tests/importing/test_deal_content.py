"""The deal's rows say what the article says, and nothing else: the list of the domain model, line by line."""

import pytest

from tests.importing.conftest import FIXTURE, FIXTURES
from tests.importing.test_fixtures import fields_of

ARTICLE, NOTE = ["us-china-rare-metals-article"], ["us-china-rare-metals-note"]
DEAL = "us-china-rare-metals"


def clause(number: str) -> dict[str, object]:
    return next(row for row in fields_of("clause") if row["number"] == number)


def obligors(country: str, explicit: bool) -> set[str]:
    """Return the commodities, or else types, of the clauses that oblige a party."""
    entries = [row for row in fields_of("clauseparty") if row["role"] == "obligor" and row["explicit"] is explicit]
    named = [clause(row["clause"][1]) for row in entries if row["party"] == [country]]
    return {str(row["commodity"] or row["type"]) for row in named}


def statements(**wanted: object) -> dict[str, str]:
    """Return the propositions of the statements with these values, by number."""
    found = [row for row in fields_of("statement") if all(row[field] == value for field, value in wanted.items())]
    return {row["number"]: row["proposition"] for row in found}


def test_one_agreement_on_rare_metals_announced_by_trump() -> None:
    [deal] = fields_of("agreement")
    assert (deal["subject"], deal["instrument"], deal["status"]) == ("métaux rares", "announced_deal", "announced")
    assert deal["is_published"]
    [announced] = [row for row in fields_of("statement") if row["kind"] == "announcement" and not row["event"]]
    assert announced["speaker"] == ["donald-trump"]


@pytest.mark.parametrize("words", ["terres rares", "rare earth", "Rare earth"])
def test_rare_earths_are_never_spoken_of(words: str) -> None:
    assert words not in (FIXTURES / FIXTURE).read_text("utf-8")


def test_it_lasts_one_year_and_is_renegotiated_every_year() -> None:
    [deal] = fields_of("agreement")
    assert (deal["term"], deal["renewal_mode"], deal["renewal_intervals"]) == ("P1Y", "negotiated", ["P1Y"])
    [renewal] = fields_of("renewal")
    assert (renewal["kind"], renewal["sequence"], renewal["offset"]) == ("renegotiation", 1, "P1Y")
    assert (renewal["due"], renewal["basis"], renewal["status"]) == ("2026-10-30", "computed", "projected")


def test_what_no_source_states_is_blank() -> None:
    [deal] = fields_of("agreement")
    assert [deal[field] for field in ("announced", "signed", "ends", "notice_period")] == ["", "", "", ""]
    assert deal["max_renewals"] is None
    assert deal["clauses_complete"] is False
    assert {row["hs_codes"][0] if row["hs_codes"] else "" for row in fields_of("clause")} == {"", "1201"}


def test_five_clauses_each_on_its_footing() -> None:
    assert [(row["number"], row["type"], row["standing"], row["modality"]) for row in fields_of("clause")] == [
        ("1", "cooperation", "term", "declaration"),
        ("2", "duration_renewal", "term", "declaration"),
        ("3", "tariff", "outcome", "unspecified"),
        ("4", "purchase", "outcome", "unspecified"),
        ("5", "law_enforcement", "reported_commitment", "obligation"),
    ]


def test_tariffs_go_from_57_to_47_per_cent_on_some_imports() -> None:
    tariff = clause("3")
    assert (tariff["baseline_value"], tariff["value"], tariff["unit"]) == ("57", "47", "%")
    assert (tariff["scope"], tariff["scope_note"]) == ("partial", "certaines importations chinoises")


def test_who_owes_is_explicit_only_where_the_words_name_them() -> None:
    assert obligors("united-states", explicit=True) == set()
    assert obligors("united-states", explicit=False) == {"tariff"}
    assert obligors("china", explicit=True) == {"soja", "fentanyl"}
    assert obligors("china", explicit=False) == set()


def test_fentanyl_is_known_only_through_trump() -> None:
    speakers = [
        row["speaker"] for row in fields_of("statement") if row["clause"] == [DEAL, "5"] and row["kind"] == "assertion"
    ]
    assert speakers == [["donald-trump"]]


def test_one_denial_and_it_is_tied_to_no_clause() -> None:
    [denial] = [row for row in fields_of("statement") if row["polarity"] != "positive" or row["kind"] == "denial"]
    assert (denial["kind"], denial["polarity"], denial["speaker"]) == ("denial", "negative", ["donald-trump"])
    assert denial["clause"] is None
    assert denial["mentions"] == [["nvidia"]]


def test_no_clause_mentions_nvidia() -> None:
    rows = [*fields_of("clause"), *fields_of("clauseparty"), *(row for row in fields_of("citation") if row["clause"])]
    shown = [value for row in rows for name, value in row.items() if name not in ("prefix", "suffix")]
    assert "nvidia" not in str(shown).lower()


def test_fragile_is_said_of_the_new_phase_of_diplomacy_alone() -> None:
    fragile = [text for text in statements().values() if "fragile" in text]
    assert fragile == [
        "The new phase of economic diplomacy between the two powers remains fragile and provisional for now."
    ]


def test_who_says_what() -> None:
    assert statements(speaker=["donald-trump"]).keys() == {"S1", "S4", "S5", "S15", "S17", "S19"}
    assert statements(speaker=["observers"]).keys() == {"S9"}
    assert len(statements(speaker=None, speaker_label="")) == 25 - 7


def test_certainty_is_what_the_words_carry() -> None:
    assert statements(certainty="possible").keys() == {"S21"}
    assert statements(certainty="probable").keys() == {"S23", "S24"}
    words = {row["statement"][1]: row["exact"] for row in fields_of("citation") if row["field"] == "certainty"}
    assert words == {"S21": "laissent entrevoir", "S23": "semblent avoir opté", "S24": "semblent avoir opté"}


def test_three_events() -> None:
    meeting, visit, answer = fields_of("event")
    assert (meeting["kind"], meeting["country"], meeting["status"]) == ("meeting", "KR", "held")
    assert (meeting["duration"], meeting["approximate"]) == ("PT1H40M", True)
    assert (visit["country"], visit["date"], visit["date_text"]) == ("CN", "XXXX-04", "avril prochain")
    assert (visit["date_earliest"], visit["date_latest"], visit["status"]) == (None, None, "planned")
    assert (answer["country"], answer["date"], answer["date_text"]) == ("US", "", "ultérieurement")
    assert answer["after"] == answer["reciprocates"] == [DEAL, "E2"]
    assert [row["participants"] for row in (meeting, visit, answer)] == [
        [["donald-trump"], ["xi-jinping"]],
        [["donald-trump"]],
        [["xi-jinping"]],
    ]


def test_eight_parties_each_in_a_role() -> None:
    assert {row["slug"] for row in fields_of("party")} == {row["party"][0] for row in fields_of("participation")}
    assert [(row["party"][0], row["role"]) for row in fields_of("participation")] == [
        ("united-states", "party"),
        ("china", "party"),
        ("donald-trump", "representative"),
        ("xi-jinping", "representative"),
        ("american-companies", "beneficiary"),
        ("chinese-companies", "beneficiary"),
        ("nvidia", "mentioned"),
        ("observers", "mentioned"),
    ]


def test_the_editors_supply_the_day_and_place_of_the_meeting_and_one_visitor_and_nothing_else() -> None:
    kinds = ("agreement", "clause", "statement", "event", "renewal")
    of_note = [row for row in fields_of("citation") if row["source"] == NOTE]
    supplied = {(kind, row["field"]) for row in of_note for kind in kinds if row[kind]}
    assert supplied == {
        ("agreement", "effective"),
        ("event", "date"),
        ("event", "place"),
        ("event", "participants"),  # that the visit to China is Trump's own
        ("renewal", "due"),
    }
    of_article = [row for row in fields_of("citation") if row["source"] == ARTICLE]
    assert not [row for row in of_article if row["field"] in ("effective", "due", "place")]


def test_the_article_gives_no_year() -> None:
    [article] = [row["text"] for row in fields_of("source") if row["kind"] == "article"]
    assert not [word for word in article.split() if word.isdigit() and len(word) == 4]
