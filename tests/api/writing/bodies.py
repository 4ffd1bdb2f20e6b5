"""Valid bodies of each resource for tests, and a change of one field of each."""

from typing import Any, NamedTuple

from tests.api.world import World


class Sound(NamedTuple):
    """A body with which a row of a noun can be made, and a field with another value that it can take."""

    body: dict[str, Any]
    change: tuple[str, Any]


FIELDS = ("", "title", "text", "unit", "value", "type", "scope", "number", "standing", "modality")
QUOTE = {"source": "press", "exact": "du soja américain"}


def sound(noun: str, world: World, number: str = "9") -> Sound:
    """Return a valid body. Bodies with different numbers can be stored together."""
    body: Sound = MAKERS[noun](world, number)
    return body


def agreement(world: World, number: str) -> Sound:
    """Return a draft between two parties, with a cited term."""
    body = {"slug": f"made-{number}", "title": "Made here", "instrument": "contract", "status": "signed"}
    body |= {"effective": "2026-01", "term": "P2Y", "renewal_mode": "none"}
    parties = [{"party": "china", "role": "party", "since": "2026"}, {"party": "america", "role": "party"}]
    return Sound(body | {"parties": parties, "citations": [QUOTE | {"field": "term"}]}, ("subject", "métaux rares"))


def publishable(world: World) -> dict[str, Any]:
    """Return a published agreement with all citations."""
    quotes = [QUOTE | {"field": field} for field in ("", "effective", "term")]
    return agreement(world, "9").body | {"citations": quotes, "is_published": True}


def clause(world: World, number: str) -> Sound:
    """Return a clause that obliges China, with a citation."""
    body: dict[str, Any] = {"agreement": "rare-metals", "number": f"N{number}", "position": 9, "type": "purchase"}
    body |= {"standing": "outcome", "modality": "obligation", "title": "Soybeans again", "hs_codes": ["1201"]}
    body |= {
        "baseline_value": 1.5,
        "value": 2,
        "unit": "t",
        "effective": "2026",
        "parent": world.clauses["rare-metals/4"].pk,
    }
    parties = [{"party": "china", "role": "obligor", "explicit": True}]
    return Sound(body | {"parties": parties, "citations": [QUOTE]}, ("commodity", "soja"))


def party(world: World, number: str) -> Sound:
    """Return a person who represents a state."""
    body = {
        "slug": f"made-{number}",
        "name": "Someone",
        "kind": "person",
        "represents": "china",
        "aliases": ["Quelqu'un"],
    }
    return Sound(body, ("name", "Someone else"))


def renewal(world: World, number: str) -> Sound:
    """Return a stated review."""
    body: dict[str, Any] = {"agreement": "rare-metals", "kind": "review", "sequence": int(number), "due": "2027-03"}
    return Sound(body | {"basis": "stated", "citations": [QUOTE | {"field": "due"}]}, ("due", "2027-04"))


def statement(world: World, number: str) -> Sound:
    """Return a statement of Trump about a clause."""
    body: dict[str, Any] = {"agreement": "rare-metals", "number": f"N{number}", "kind": "assertion"}
    body |= {"speaker": "trump", "polarity": "positive", "proposition": "Soybeans are bought", "topics": ["soybeans"]}
    body |= {"clause": world.clauses["rare-metals/3"].pk, "mentions": ["china", "america"], "citations": [QUOTE]}
    return Sound(body, ("certainty", "certain"))


def event(world: World, number: str) -> Sound:
    """Return a visit after another visit."""
    body: dict[str, Any] = {"agreement": "rare-metals", "number": f"N{number}", "kind": "visit", "status": "planned"}
    body |= {"country": "FR", "date": "2027-01~", "after": world.events["rare-metals/E2"].pk}
    return Sound(body | {"participants": ["trump", "xi"], "citations": [QUOTE]}, ("place", "Paris"))


def source(world: World, number: str) -> Sound:
    """Return a short article."""
    body = {
        "slug": f"made-{number}",
        "title": "Un article",
        "kind": "article",
        "language": "fr",
        "text": "Trois mots ici.",
    }
    return Sound(body | {"published": "2026-02", "original_url": "https://example.org/a"}, ("publisher", "Le Journal"))


def citation(world: World, number: str) -> Sound:
    """Return a citation of a clause."""
    body = {"clause": world.clauses["rare-metals/3"].pk, "source": "press", "exact": "passent de 57 %"}
    return Sound(body | {"field": FIELDS[int(number)]}, ("field", "commodity"))


MAKERS: dict[str, Any] = {
    "agreements": agreement,
    "clauses": clause,
    "parties": party,
    "renewals": renewal,
    "statements": statement,
    "events": event,
    "sources": source,
    "citations": citation,
}
