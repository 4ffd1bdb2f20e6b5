"""A small named cast for tests: one function per noun that makes a valid row, and `deal()` that makes one of each."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model

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
from accords.models.citations import TARGETS, claims, needs_own_words, stated_claims

Row = TypeVar("Row", bound=Model)

TEXT = (
    "Les deux parties annoncent un accord d'un an sur les métaux rares, renégocié chaque année. "
    "Les droits de douane passent de 57 % à 47 % 🌾, et la Chine achètera du soja américain. "
    "Le président a démenti que les puces de Nvidia aient été abordées. "
    "La rencontre s'est tenue en Corée du Sud ; une visite est prévue en avril prochain. "
    "Les droits de douane restent un sujet sensible."
)


def kept(row: Row) -> Row:
    """The row, checked by its own rules and saved."""
    row.full_clean()
    row.save()
    return row


def source(slug: str = "press", **fields: Any) -> Source:
    """A press article that says TEXT."""
    given = {"title": f"Article {slug}", "kind": "article", "language": "fr", "text": TEXT} | fields
    return kept(Source(slug=slug, **given))


def party(slug: str = "china", **fields: Any) -> Party:
    """A party; a group unless told otherwise."""
    return kept(Party(slug=slug, **{"name": slug.replace("-", " ").title(), "kind": "group"} | fields))


def agreement(slug: str = "rare-metals", **fields: Any) -> Agreement:
    """An announced, published agreement of one year, renegotiated every year."""
    given = {
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
    return kept(Agreement(slug=slug, **given | fields))


def participation(of: Agreement, who: Party, role: str = "party", **fields: Any) -> Participation:
    """The part that `who` plays in the agreement."""
    return kept(Participation(agreement=of, party=who, role=role, **fields))


def clause(of: Agreement, number: str = "1", **fields: Any) -> Clause:
    """A clause; a declaration of cooperation unless told otherwise."""
    given = {
        "title": f"Clause {number}",
        "position": of.clauses.count() + 1,
        "type": "cooperation",
        "standing": "term",
        "modality": "declaration",
    }
    return kept(Clause(agreement=of, number=number, **given | fields))


def clause_party(of: Clause, who: Party, role: str = "obligor", explicit: bool = True) -> ClauseParty:
    """What `who` is to the clause."""
    return kept(ClauseParty(clause=of, party=who, role=role, explicit=explicit))


def renewal(of: Agreement, sequence: int = 1, **fields: Any) -> Renewal:
    """A renegotiation that falls due a year after the effective date."""
    given = {"kind": "renegotiation", "due": "2026-10-30", "offset": "P1Y", "basis": "computed"}
    return kept(Renewal(agreement=of, sequence=sequence, **given | fields))


def event(of: Agreement, number: str = "E1", **fields: Any) -> Event:
    """A meeting that was held in South Korea."""
    return kept(Event(agreement=of, number=number, **{"kind": "meeting", "country": "KR", "status": "held"} | fields))


def statement(of: Agreement, number: str = "S1", **fields: Any) -> Statement:
    """An announcement by the source itself."""
    given = {"kind": "announcement", "polarity": "positive", "proposition": f"What statement {number} says is so"}
    return kept(Statement(agreement=of, number=number, **given | fields))


def denial(of: Agreement, number: str = "S2", **fields: Any) -> Statement:
    """A denial that Nvidia's chips were discussed."""
    given = {"kind": "denial", "polarity": "negative", "proposition": "Exports of Nvidia's chips were discussed"}
    return statement(of, number, **given | fields)


def citation(target: Model, exact: str, of: Source, field: str = "", **fields: Any) -> Citation:
    """The words `exact` of a source as evidence for a row, or for one field of it; offsets are found."""
    name = next(name for name, model in TARGETS.items() if isinstance(target, model))
    return kept(Citation(**{name: target}, source=of, exact=exact, field=field, **fields))


def supported(of: Agreement, by: Source, exact: str = "un accord d'un an") -> Agreement:
    """The agreement, each claim of its own cited with these words."""
    for field in ("", *(name for name in stated_claims(of) if needs_own_words(claims(Agreement)[name]))):
        citation(of, exact, by, field)
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


def deal(slug: str = "rare-metals") -> FixtureRows:
    """A deal with a cited tariff clause; the parties and the source are shared by deals of other slugs."""
    press = Source.objects.filter(slug="press").first() or source()
    china = Party.objects.filter(slug="china").first() or party("china", kind="state", country="CN", name="China")
    america = Party.objects.filter(slug="america").first() or party(
        "america", kind="state", country="US", name="United States"
    )
    trump = Party.objects.filter(slug="trump").first() or party(
        "trump", kind="person", name="Donald Trump", represents=america
    )
    made = agreement(slug)
    tariff = clause(made, type="tariff", standing="outcome", baseline_value="57", value="47", unit="%", scope="partial")
    held = event(made)
    held.participants.add(trump)
    said = statement(made, speaker=trump, clause=tariff, event=held)
    said.mentions.add(china)
    due = renewal(made)
    denied = denial(made, speaker=trump)
    cited = citation(tariff, "de 57 % à 47 %", press, "value")
    citation(made, "un accord d'un an", press, "term")
    citation(denied, "Le président a démenti", press)
    citation(due, "renégocié chaque année", press)
    citation(held, "La rencontre s'est tenue en Corée du Sud", press)
    part, owes = participation(made, china), clause_party(tariff, america, explicit=False)
    return FixtureRows(press, china, america, trump, made, part, tariff, owes, due, held, said, denied, cited)
