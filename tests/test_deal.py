"""What the seed article says, and what it does not, sentence by sentence, as the API answers it."""

from typing import Any

import pytest

from tests.clients import Client

DEAL = "us-china-rare-metals"
ON = "2026-11-23"
Rows = list[dict[str, Any]]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("deal")]


def get(client: Client, address: str) -> Any:
    response = client.get(f"/api/v1/{address}")
    assert response.status_code == 200, response.content
    return response.json()


def rows(client: Client, address: str) -> Rows:
    """Return all rows of a list; no list of the deal has more than a page of 200."""
    page = get(client, f"{address}{'&' if '?' in address else '?'}page_size=200")
    assert page["next"] is None
    found: Rows = page["results"]
    return found


def only(found: Rows) -> dict[str, Any]:
    """Return the only row of a list."""
    assert len(found) == 1, found
    return found[0]


def quotes(row: dict[str, Any], field: str) -> str:
    """Return the quotations for a field."""
    return " | ".join(citation["exact"] for citation in row["citations"] if citation["field"] == field)


def test_there_is_one_agreement_on_metaux_rares_announced_by_trump(client: Client) -> None:
    agreement = only(rows(client, "agreements"))
    assert (agreement["slug"], agreement["subject"], agreement["instrument"]) == (
        DEAL,
        "métaux rares",
        "announced_deal",
    )
    announcement = rows(client, "statements?kind=announcement&speaker=donald-trump&mentions=xi-jinping")
    assert any("agreement" in statement["proposition"] for statement in announcement)


def test_it_is_never_called_terres_rares_and_no_hs_code_is_made_up_for_it(client: Client) -> None:
    assert rows(client, "sources?q=terres+rares") == []
    assert only(rows(client, "clauses?type=cooperation"))["hs_codes"] == []


def test_it_has_five_clauses_and_these_are_not_said_to_be_all(client: Client) -> None:
    clauses = rows(client, f"clauses?agreement={DEAL}&ordering=position")
    assert [clause["type"] for clause in clauses] == [
        "cooperation",
        "duration_renewal",
        "tariff",
        "purchase",
        "law_enforcement",
    ]
    assert get(client, f"agreements/{DEAL}")["clauses_complete"] is False


def test_cooperation_on_rare_metals_is_a_declaration_of_the_agreement_itself(client: Client) -> None:
    clause = only(rows(client, "clauses?type=cooperation"))
    assert (clause["standing"], clause["modality"], clause["commodity"]) == ("term", "declaration", "métaux rares")


def test_it_lasts_one_year_and_is_renegotiated_every_year_which_is_not_renewal(client: Client) -> None:
    agreement = only(rows(client, "agreements?renewal_mode=negotiated"))
    assert (agreement["term"], agreement["renewal_intervals"]) == ("P1Y", ["P1Y"])
    assert rows(client, "agreements?renewal_mode=automatic") == []
    assert rows(client, "renewals?kind=renewal") == []
    assert only(rows(client, "clauses?type=duration_renewal"))["standing"] == "term"


def test_tariffs_on_certain_chinese_imports_go_from_57_to_47_per_cent(client: Client) -> None:
    clause = only(rows(client, "clauses?type=tariff&expand=citations"))
    clause |= clause["expanded"]
    assert (clause["baseline_value"], clause["value"], clause["unit"]) == (57, 47, "%")
    assert (clause["delta"], clause["delta_unit"]) == (-10, "percentage point")
    assert (clause["scope"], clause["scope_note"]) == ("partial", "certaines importations chinoises")
    assert clause["standing"] == "outcome"
    assert "57 %" in quotes(clause, "baseline_value")
    assert "47 %" in quotes(clause, "value")


def test_the_united_states_owe_the_tariffs_but_the_sentence_does_not_name_them(client: Client) -> None:
    assert only(rows(client, "clauses?obligor=US&explicit=false"))["type"] == "tariff"
    assert rows(client, "clauses?obligor=US&explicit=true") == []


def test_china_is_named_as_owing_soybeans_and_fentanyl(client: Client) -> None:
    clauses = rows(client, "clauses?obligor=CN&explicit=true&ordering=position")
    assert [clause["commodity"] for clause in clauses] == ["soja", "fentanyl"]
    assert [clause["standing"] for clause in clauses] == ["outcome", "reported_commitment"]


def test_the_fentanyl_commitment_is_known_only_through_trump(client: Client) -> None:
    clause = only(rows(client, "clauses?commodity__icontains=fentanyl"))
    speakers = {statement["speaker"] for statement in rows(client, f"statements?clause={clause['id']}")}
    assert "donald-trump" in speakers
    assert only(rows(client, "clauses?asserted_by=donald-trump"))["id"] == clause["id"]


def test_nvidia_is_in_no_clause(client: Client) -> None:
    assert rows(client, "clauses?q=Nvidia") == []
    assert rows(client, "clauses?party=nvidia") == []


def test_there_is_one_denial_by_trump_and_it_is_tied_to_no_clause(client: Client) -> None:
    denial = only(rows(client, "statements?polarity=negative"))
    assert (denial["kind"], denial["speaker"], denial["clause"]) == ("denial", "donald-trump", None)
    assert "nvidia" in denial["mentions"]
    assert rows(client, "statements?kind=denial&clause__isnull=false") == []


def test_about_a_score_of_other_statements_are_none_of_them_denials(client: Client) -> None:
    others = [statement for statement in rows(client, "statements") if statement["kind"] != "denial"]
    assert 15 <= len(others) <= 25
    assert {"announcement", "characterization", "analysis", "outlook"} <= {statement["kind"] for statement in others}


def test_fragile_and_provisional_is_said_of_the_new_phase_not_of_the_agreement(client: Client) -> None:
    quoted = only(rows(client, "citations?exact__icontains=fragile&target=statement"))
    statement = get(client, f"statements/{quoted['statement']}")
    assert statement["clause"] is None
    assert "phase" in statement["proposition"]


def test_the_three_events_are_the_meeting_and_two_visits(client: Client) -> None:
    meeting, to_china, to_america = rows(client, "events?ordering=number")
    assert (meeting["kind"], meeting["country"], meeting["duration"], meeting["approximate"]) == (
        "meeting",
        "KR",
        "PT1H40M",
        True,
    )
    assert meeting["status"] == "held"
    assert (to_china["kind"], to_china["date"], to_china["date_text"]) == ("visit", "XXXX-04", "avril prochain")
    assert (to_china["date_earliest"], to_china["date_latest"]) == (None, None)
    assert (to_america["kind"], to_america["date"], to_america["reciprocates"]) == ("visit", "", to_china["id"])


def test_eight_parties_are_named(client: Client) -> None:
    assert {party["slug"] for party in rows(client, "parties")} == {
        "united-states",
        "china",
        "donald-trump",
        "xi-jinping",
        "nvidia",
        "american-companies",
        "chinese-companies",
        "observers",
    }
    assert only(rows(client, f"parties?role=mentioned&agreement={DEAL}&kind=organization"))["slug"] == "nvidia"


def test_what_it_does_not_say_is_blank_and_missing(client: Client) -> None:
    agreement = get(client, f"agreements/{DEAL}")
    assert [agreement[field] for field in ("announced", "signed", "ends", "notice_period")] == [""] * 4
    assert agreement["max_renewals"] is None
    # Its end follows from the term, and notice averts nothing where both sides must agree again.
    assert agreement["missing"] == ["announced", "signed", "term_ends", "max_renewals"]


def test_the_article_has_no_date_and_the_dates_come_from_an_editorial_note(client: Client) -> None:
    agreement = get(client, f"agreements/{DEAL}")
    dated = [citation for citation in agreement["citations"] if citation["field"] == "effective"]
    kinds = {get(client, f"sources/{citation['source']}")["kind"] for citation in dated}
    assert (agreement["effective"], agreement["effective_basis"], kinds) == (
        "2025-10-30",
        "editorial",
        {"editorial_note"},
    )
    assert not any(
        digit in only(rows(client, "sources?kind=article&fields=text"))["text"] for digit in ("2025", "2026")
    )


def test_the_renegotiation_follows_from_that_date_and_is_overdue(client: Client) -> None:
    renewal = only(rows(client, f"renewals?kind=renegotiation&sequence=1&overdue=true&on={ON}"))
    assert (renewal["due"], renewal["basis"], renewal["status"], renewal["outcome"]) == (
        "2026-10-30",
        "computed",
        "projected",
        None,
    )
    assert rows(client, "renewals?basis=stated") == []
    assert get(client, f"agreements/{DEAL}?on={ON}")["temporal_status"] == "renewal_due"


def test_every_citation_is_the_slice_of_the_served_text(client: Client) -> None:
    texts = {source["slug"]: source["text"] for source in rows(client, "sources?fields=slug,text")}
    cited = rows(client, "citations")
    assert len(cited) >= 30
    for citation in cited:
        text, start, end = texts[citation["source"]], citation["start"], citation["end"]
        assert text[start:end] == citation["exact"]
        assert text[:start].endswith(citation["prefix"])
        assert text[end:].startswith(citation["suffix"])
