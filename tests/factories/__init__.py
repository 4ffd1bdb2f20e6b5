"""A small named cast for tests: one function per noun that makes a valid row, and `deal()` that makes one of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from unittest.mock import patch

from django.db.models import Model

from accords.missing_citations import needs_own_citation
from accords.models import (
    Agreement,
    Citation,
    Clause,
    ClauseParty,
    Event,
    Participation,
    Party,
    Renewal,
    Source,
    Statement,
)
from accords.models.citations import TARGETS, claim_columns

Row = TypeVar("Row", bound=Model)

TEXT = (
    "Les deux parties annoncent un accord d'un an sur les métaux rares, renégocié chaque année. "
    "Les droits de douane passent de 57 % à 47 % 🌾, et la Chine achètera du soja américain. "
    "Le président a démenti que les puces de Nvidia aient été abordées. "
    "La rencontre s'est tenue en Corée du Sud ; une visite est prévue en avril prochain. "
    "Les droits de douane restent un sujet sensible."
)


def save(row: Row) -> Row:
    """Validate and save a row."""
    row.full_clean()
    row.save()
    return row


def save_unvalidated(row: Row) -> Row:
    """Save a row without `full_clean`, which takes ten times as long."""
    if isinstance(row, Citation):
        row.clean()  # finds the offsets
    row.save()
    return row


@contextmanager
def without_validation() -> Iterator[None]:
    """Let factories make rows that a test validates once: tests/test_factories.py and tests/api/test_world.py."""
    with patch.dict(globals(), save=save_unvalidated):
        yield


def source(slug: str = "press", **fields: Any) -> Source:
    """Create a press article with TEXT."""
    defaults = {"title": f"Article {slug}", "kind": "article", "language": "fr", "text": TEXT} | fields
    return save(Source(slug=slug, **defaults))


def party(slug: str = "china", **fields: Any) -> Party:
    """Create a party, by default a group."""
    return save(Party(slug=slug, **{"name": slug.replace("-", " ").title(), "kind": "group"} | fields))


def agreement(slug: str = "rare-metals", **fields: Any) -> Agreement:
    """Create an announced, published agreement of one year, renegotiated every year."""
    defaults = {
        "title": f"Agreement {slug}",
        "instrument": "announced_deal",
        "status": "announced",
        "effective": "2025-10-30",
        "term": "P1Y",
        "term_ends": "same_day",
        "renewal_mode": "negotiated",
        "renewal_intervals": ["P1Y"],
        "is_published": True,
    }
    return save(Agreement(slug=slug, **defaults | fields))


def participation(of: Agreement, who: Party, role: str = "party", **fields: Any) -> Participation:
    return save(Participation(agreement=of, party=who, role=role, **fields))


def clause(of: Agreement, number: str = "1", **fields: Any) -> Clause:
    """Create a clause, by default a declaration of cooperation."""
    defaults = {
        "title": f"Clause {number}",
        "position": of.clauses.count() + 1,
        "type": "cooperation",
        "standing": "term",
        "modality": "declaration",
    }
    return save(Clause(agreement=of, number=number, **defaults | fields))


def clause_party(of: Clause, who: Party, role: str = "obligor", explicit: bool = True) -> ClauseParty:
    return save(ClauseParty(clause=of, party=who, role=role, explicit=explicit))


def renewal(of: Agreement, sequence: int = 1, **fields: Any) -> Renewal:
    """Create a renegotiation that falls due a year after the effective date."""
    defaults = {"kind": "renegotiation", "due": "2026-10-30", "offset": "P1Y", "basis": "computed"}
    return save(Renewal(agreement=of, sequence=sequence, **defaults | fields))


def event(of: Agreement, number: str = "E1", **fields: Any) -> Event:
    """Create a meeting that was held in South Korea."""
    return save(Event(agreement=of, number=number, **{"kind": "meeting", "country": "KR", "status": "held"} | fields))


def statement(of: Agreement, number: str = "S1", **fields: Any) -> Statement:
    """Create an announcement by the source itself."""
    defaults = {"kind": "announcement", "polarity": "positive", "proposition": f"What statement {number} says is so"}
    return save(Statement(agreement=of, number=number, **defaults | fields))


def denial(of: Agreement, number: str = "S2", **fields: Any) -> Statement:
    """Create a denial that Nvidia's chips were discussed."""
    defaults = {"kind": "denial", "polarity": "negative", "proposition": "Exports of Nvidia's chips were discussed"}
    return statement(of, number, **defaults | fields)


def citation(target: Model, exact: str, of: Source, field: str = "", **fields: Any) -> Citation:
    """Create a citation for a row, or for one field of it; the offsets of the words `exact` are derived."""
    name = next(name for name, model in TARGETS.items() if isinstance(target, model))
    return save(Citation(**{name: target}, source=of, exact=exact, field=field, **fields))


def cite_claims(of: Agreement, by: Source, exact: str = "un accord d'un an") -> Agreement:
    """Cite every claim of an agreement itself with the same words."""
    fields = [field for field in claim_columns(Agreement) if needs_own_citation(field)]
    for name in ("", *(field.name for field in fields if getattr(of, field.attname) != field.get_default())):
        citation(of, exact, by, name)
    return of


@dataclass
class FixtureRows:
    """One small deal: every noun at least once."""

    source: Source
    china: Party
    america: Party
    trump: Party
    agreement: Agreement
    participation: Participation
    clause: Clause
    clause_party: ClauseParty
    renewal: Renewal
    event: Event
    statement: Statement
    denial: Statement
    citation: Citation


@without_validation()
def deal(slug: str = "rare-metals") -> FixtureRows:
    """Create a deal with a cited tariff clause; deals of other slugs share the parties and the source."""
    press = Source.objects.filter(slug="press").first() or source()
    china = Party.objects.filter(slug="china").first() or party("china", kind="state", country="CN", name="China")
    america = Party.objects.filter(slug="america").first() or party(
        "america", kind="state", country="US", name="United States"
    )
    trump = Party.objects.filter(slug="trump").first() or party(
        "trump", kind="person", name="Donald Trump", represents=america
    )
    new_agreement = agreement(slug)
    tariff = clause(
        new_agreement, type="tariff", standing="outcome", baseline_value="57", value="47", unit="%", scope="partial"
    )
    meeting = event(new_agreement)
    meeting.participants.add(trump)
    announcement = statement(new_agreement, speaker=trump, clause=tariff, event=meeting)
    announcement.mentions.add(china)
    due = renewal(new_agreement)
    exports_denial = denial(new_agreement, speaker=trump)
    tariff_citation = citation(tariff, "de 57 % à 47 %", press, "value")
    citation(new_agreement, "un accord d'un an", press, "term")
    citation(exports_denial, "Le président a démenti", press)
    citation(due, "renégocié chaque année", press)
    citation(meeting, "La rencontre s'est tenue en Corée du Sud", press)
    participant, obligor = participation(new_agreement, china), clause_party(tariff, america, explicit=False)
    return FixtureRows(
        press,
        china,
        america,
        trump,
        new_agreement,
        participant,
        tariff,
        obligor,
        due,
        meeting,
        announcement,
        exports_denial,
        tariff_citation,
    )
