"""The benchmark's rows: agreements of ten clauses with their related rows, a function of their numbers alone.

Every column that an editor would fill is given here; what follows from it (bounds, reading days, hashes) is derived by
the models' own fields in load.py, and renewal dates by `accords.rules`. So `extend_renewals` finds nothing to do.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

from accords.rules import quotes, succession
from accords.rules.status import NEVER, Lifecycle, Span
from accords.rules.terms import Terms, steps
from accords.vocabulary import COUNTRIES, ClauseType, Instrument, Modality, RestsOn, Standing
from tests.bench.texts import sentences

Row = dict[str, Any]

ON = date(2026, 11, 23)  # the day on which the rows were made, as far as they know
HORIZON = date(2036, 11, 23)
CLAUSES = 10  # of an agreement
DRAFTS = 50  # one in so many agreements is not published
CITED = (1, 4, 7)  # clauses of an agreement that a source is quoted for
SHARING = 10  # agreements that share a source
FIRST_DAY = date(2008, 1, 1)
SPREAD = 7300  # days over which the agreements begin
COARSE = {0: 4, 5: 7}  # of ten agreements, one says only the year and one only the month

STATES = sorted(COUNTRIES)[:: len(COUNTRIES) // 60]
TYPES, STANDINGS, MODALITIES = list(ClauseType.values), list(Standing.values), list(Modality.values)
INSTRUMENTS = list(Instrument.values)
STATUSES = ("in_force", "in_force", "in_force", "signed", "announced", "suspended", "unknown")
MODES = (
    *("negotiated", "negotiated", "negotiated", "automatic", "automatic", "automatic", "none", "optional"),
    *("unspecified", "evergreen"),
)
TERMS = ("P5Y", "P3Y", "P2Y", "P5Y", "P3Y", "P1Y", "P5Y")
UNITS = {"tariff": "%", "purchase": "t", "export_control": "kg"}
HS = {"soja": "1201", "soybeans": "1201", "riz": "1006", "rice": "1006", "cobalt": "810520", "nickel": "7502"}


def stamps(number: int) -> Row:
    """Return timestamps that differ between the rows of a model."""
    created = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    return {"created_at": created, "updated_at": created + timedelta(days=number * 7919 % 1500, microseconds=number)}


def parties(agreements: int) -> Iterator[Row]:
    """Return states and their representatives; one more of these for every hundred agreements."""
    for number, code in enumerate(STATES, 1):
        yield stamps(number) | {
            **{"id": number, "slug": f"state-{code.lower()}", "name": f"State of {code}", "kind": "state"},
            **{"country": code, "aliases": [f"République {code}", f"{code} Republic"]},
        }
    for number in range(len(STATES) + 1, len(STATES) + 2 + agreements // 100):
        yield stamps(number) | {
            **{"id": number, "slug": f"person-{number}", "name": f"Minister {number}", "kind": "person"},
            "represents_id": number % len(STATES) + 1,
        }


def is_published(number: int) -> bool:
    """Return whether agreement `number` is published."""
    return number % DRAFTS != 0


def slug(number: int) -> str:
    return f"accord-{number}"


def begins(number: int) -> str:
    """Return the effective date of agreement `number` (EDTF)."""
    day = FIRST_DAY + timedelta(days=number * 7919 % SPREAD)
    return day.isoformat()[: COARSE.get(number % 10, 10)]


def _replaces(number: int) -> bool:
    return number % 40 == 7


def terms(number: int) -> Row:
    """Return the dates and terms of agreement `number`."""
    mode = MODES[number // 3 % len(MODES)]
    length = "" if mode == "evergreen" else TERMS[number % len(TERMS)]
    notice = "P3M" if mode == "automatic" and number % 2 else ""
    most = 3 if mode == "optional" else None
    facts = {"term": length, "renewal_mode": mode, "notice_period": notice, "max_renewals": most}
    return facts | {"effective": begins(number)}


def _status(number: int) -> str:
    return STATUSES[number % len(STATUSES)]


def _superseded(number: int) -> Span:
    """Return the last day before another agreement takes the place of agreement `number`."""
    later = number + 1
    if not (_replaces(later) and is_published(later)):
        return NEVER
    return succession.find_succession([Lifecycle(Terms(**terms(later)), _status(later))]).last_day


def agreement(number: int) -> Row:
    """Return an agreement without related rows."""
    superseded = _superseded(number)
    language = ("fr", "en")[number % 2]
    subject = sentences(number, 1, language)[0].goods
    title = f"Accord n° {number} sur : {subject}" if language == "fr" else f"Agreement No. {number} on {subject}"
    return (
        stamps(number)
        | terms(number)
        | {
            **{"id": number, "slug": slug(number), "title": title, "subject": subject},
            **{"instrument": INSTRUMENTS[number % len(INSTRUMENTS)], "status": _status(number)},
            **{"is_published": is_published(number), "supersedes_id": number - 1 if _replaces(number) else None},
            "signed": (FIRST_DAY + timedelta(days=number * 7919 % SPREAD - 60)).isoformat() if number % 3 else "",
            **{
                "rests_on": RestsOn.EDITORIAL.value,
                "deadlines_rest_on": RestsOn.EDITORIAL.value,
                "superseded_low": superseded.low,
                "superseded_high": superseded.high,
            },
        }
    )


def renewal_dates(number: int) -> Iterator[Row]:
    """Return the computed renewal dates of agreement `number`, no later than another certainly replaces it."""
    for step in steps(Terms(**terms(number)), until=min(HORIZON, _superseded(number).high)):
        facts = {"kind": step.kind, "sequence": step.sequence, "due": step.due, "offset": step.offset}
        yield stamps(number) | facts | {"agreement_id": number, "basis": "computed"}


def _principals(number: int) -> tuple[int, int]:
    """Return the two states of agreement `number`."""
    first = number * 31 % len(STATES)
    return first + 1, (first + 1 + number * 17 % (len(STATES) - 1)) % len(STATES) + 1


def participations(number: int, agreements: int) -> Iterator[Row]:
    """Return the participations of two states and a representative."""
    speaker = len(STATES) + 1 + number % (1 + agreements // 100)
    for place, (party, role) in enumerate(
        zip((*_principals(number), speaker), ("party", "party", "representative"), strict=True)
    ):
        pk = number * 3 + place
        yield stamps(pk) | {"id": pk, "agreement_id": number, "party_id": party, "role": role}


def clause_ids(number: int) -> range:
    return range((number - 1) * CLAUSES + 1, number * CLAUSES + 1)


def clauses(number: int) -> Iterator[Row]:
    return (_clause(number, pk, position) for position, pk in enumerate(clause_ids(number), 1))


def _clause(number: int, pk: int, position: int) -> Row:
    language = ("fr", "en")[number % 2]
    text = sentences(pk, 2 + pk % 3, language)
    mixed = pk * 2_654_435_761 % 2**32 >> 8  # as if drawn by lot
    kind = TYPES[mixed % len(TYPES)]
    head = f"Article {position}" if language == "en" else f"Article {position} :"
    return (
        stamps(pk)
        | _quantity(kind, pk)
        | {
            **{"id": pk, "agreement_id": number, "number": str(position), "position": position},
            **{"type": kind, "standing": STANDINGS[mixed // 16 % 4], "modality": MODALITIES[mixed // 64 % 4]},
            **{"title": f"{head} {text[0].goods}", "language": language},
            **{"text": " ".join(sentence.text for sentence in text), "commodity": text[0].goods},
            "hs_codes": [HS[text[0].goods]] if text[0].goods in HS else [],
            "scope": "partial" if pk % 4 == 0 else "unspecified",
            "scope_note": f"à l'exception de : {text[1].goods}" if pk % 4 == 0 else "",
            "effective": (FIRST_DAY + timedelta(days=pk * 613 % SPREAD)).isoformat() if pk % 10 == 3 else "",
            "rests_on": RestsOn.EDITORIAL.value if pk % 10 == 3 else "",  # no citation of the date itself
            "parent_id": pk - 2 if position in (5, 9) else None,
        }
    )


def _quantity(kind: str, pk: int) -> Row:
    if kind not in UNITS:
        return {}
    before = Decimal(pk % 900) / 10 + 10
    return {"baseline_value": before, "value": before - pk % 10, "unit": UNITS[kind]}


def clause_parties(number: int) -> Iterator[Row]:
    """Return the obligor and obligee of each clause, and of some clauses an affected party."""
    first, second = _principals(number)
    for pk in clause_ids(number):
        pairs = [(first, "obligor"), (second, "obligee")][:: 1 if pk % 2 else -1]
        pairs += [(pk % len(STATES) + 1, "affected")] if pk % 10 == 0 else []
        for place, (party, role) in enumerate(pairs):
            named = {"party_id": party, "role": role, "explicit": pk % 3 != 0}
            yield stamps(pk) | named | {"id": pk * 3 + place, "clause_id": pk}


def events(number: int) -> Iterator[Row]:
    day = begins(number)
    yield stamps(number) | {
        **{"id": number, "agreement_id": number, "number": "E1", "kind": "signature", "status": "held"},
        **{"date": day, "date_text": f"le {day}", "place": "Genève", "country": "CH"},
    }


def statements(number: int) -> Iterator[Row]:
    """Return two statements about agreement `number`, one of them about its first clause."""
    for place, kind in enumerate(("announcement", "outlook")):
        text = sentences(number + place, 1, "en")[0]
        pk = number * 2 + place
        yield stamps(pk) | {
            **{"id": pk, "agreement_id": number, "number": f"S{place + 1}", "kind": kind, "polarity": "positive"},
            **{"speaker_id": _principals(number)[place], "certainty": "certain", "proposition": text.text},
            **{"topics": [text.goods, "trade"], "clause_id": None if place else clause_ids(number)[0]},
        }


def _passages(shared: int) -> Iterator[tuple[Row, str]]:
    """Return the passages of source `shared` in order, each with what it is cited for."""
    for number in range((shared - 1) * SHARING + 1, shared * SHARING + 1):
        ids = clause_ids(number)
        targets: list[Row] = [{"agreement_id": number}, *({"clause_id": ids[place]} for place in CITED)]
        for step, target in enumerate(targets):
            sentence = sentences(number * 10 + step, 1, ("fr", "en")[shared % 2])[0]
            yield target, f"{number}.{step} {sentence.text}"


def source(shared: int) -> Row:
    """Return the source that is cited for ten agreements."""
    text = "\n".join(passage for _, passage in _passages(shared))
    return stamps(shared) | {
        **{"id": shared, "slug": f"source-{shared}", "title": f"Journal officiel, cahier {shared}"},
        **{"kind": "treaty_text", "language": ("fr", "en")[shared % 2], "text": text, "publisher": "Journal officiel"},
        "published": begins(shared),
    }


def citations(shared: int, last: int) -> Iterator[Row]:
    """Return the citations of source `shared` for agreements up to `last`."""
    text, pk, start = source(shared)["text"], shared * SHARING * (1 + len(CITED)), 0
    for target, exact in _passages(shared):
        end = start + len(exact)
        prefix, suffix = quotes.context(text, start, end)
        quote = {"exact": exact, "prefix": prefix, "suffix": suffix, "start": start, "end": end}
        owner = target.get("agreement_id") or (target["clause_id"] - 1) // CLAUSES + 1
        if owner <= last:
            yield stamps(pk) | quote | target | {"id": pk, "source_id": shared}
        pk, start = pk + 1, end + 1


def everyone(agreements: int) -> Iterator[tuple[str, Iterator[Row]]]:
    """Return the rows that do not depend on agreements."""
    yield "Party", parties(agreements)


def some(first: int, last: int, agreements: int) -> Iterator[tuple[str, Iterator[Row]]]:
    """Return agreements `first` to `last` with their related rows, to be written in one transaction.

    What is written as part of a row comes before it, so that the database need not count the row changed each time.
    """
    numbers = range(first, last + 1)
    shared = range((first - 1) // SHARING + 1, (last - 1) // SHARING + 2)
    yield "Source", map(source, shared)
    yield "Citation", chain.from_iterable(citations(each, last) for each in shared)
    yield "ClauseParty", chain.from_iterable(map(clause_parties, numbers))
    yield "Participation", chain.from_iterable(participations(number, agreements) for number in numbers)
    yield "Clause", chain.from_iterable(map(clauses, numbers))
    yield "Renewal", chain.from_iterable(map(renewal_dates, numbers))
    yield "Event", chain.from_iterable(map(events, numbers))
    yield "Statement", chain.from_iterable(map(statements, numbers))
    yield "Agreement", map(agreement, numbers)
