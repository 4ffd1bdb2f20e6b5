"""What the desk shows of a source: its text, the citations that a reader may see, and the claims they support."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accords.admin.clauses import quantity
from accords.admin.display import page_url, page_urls
from accords.admin.statements import speaker
from accords.models import Citation, Clause, Event, Renewal, Source, Statement
from accords.models.citations import TARGETS, citable_fields
from accords.rules.coverage import Span, coverage
from accords.vocabulary import StatementKind

User = AbstractBaseUser | AnonymousUser

# The columns that a claim's name and note are made of; texts of a size are left where they are.
COLUMNS: dict[str, tuple[str, ...]] = {
    "agreement": ("title", "is_published"),
    "clause": ("number", "title", "type", "standing", "baseline_value", "value", "unit"),
    "statement": ("number", "kind", "proposition", "polarity", "speaker_label", "speaker__name"),
    "event": ("number", "kind", "date", "date_text", "place", "status"),
    "renewal": ("kind", "sequence", "due", "offset", "basis"),
}


def _word(row: Model, name: str) -> str:
    """The label of a row's word: `get_…_display` looks at all labels each time, which thousands of rows would feel."""
    field: Any = row._meta.get_field(name)
    return str(dict(field.flatchoices)[getattr(row, name)])


def _of_clause(row: Clause) -> Iterable[str]:
    return (_word(row, "type"), _word(row, "standing"), quantity(row))


def _of_statement(row: Statement) -> Iterable[str]:
    return (speaker(row), _word(row, "polarity"))


def _of_event(row: Event) -> Iterable[str]:
    return (row.place, _word(row, "status"))


def _of_renewal(row: Renewal) -> Iterable[str]:
    return (_word(row, "basis"),)


NOTES: dict[str, Callable[[Any], Iterable[str]]] = {
    "clause": _of_clause,
    "statement": _of_statement,
    "event": _of_event,
    "renewal": _of_renewal,
}


def headings() -> dict[str, str]:
    """What the groups of claims are called, in the order in which they are read: denials stand apart."""
    found: dict[str, str] = {}
    for kind, model in TARGETS.items():
        found[kind] = capfirst(str(model._meta.verbose_name_plural))
        if kind == "statement":
            found["denial"] = _("Denials: said not to be so")
    return found | {"agreement": _("The agreement itself")}


def field_names() -> dict[str, list[tuple[str, str]]]:
    """For each kind of row the fields that a quote can support, and what they are called."""
    return {kind: [(name, _called(model, name)) for name in citable_fields(model)] for kind, model in TARGETS.items()}


def _called(model: type[Model], name: str) -> str:
    known = {field.name: getattr(field, "verbose_name", "") for field in model._meta.get_fields()}
    return capfirst(str(known.get(name) or _("parties")))


def seen_citations(source: Source, user: User) -> QuerySet[Any]:
    """The citations of a source that someone may see, in the order of the text."""
    return Citation.objects.filter(source=source).visible_to(user).order_by("start", "-end", "pk")


class Reading:
    """What one reader sees of a source, for a fixed number of queries: one for citations, one for each kind of row."""

    def __init__(self, source: Source, user: User) -> None:
        """Read the citations and the claims."""
        self.source, self.user = source, user
        columns = ("pk", "start", "end", "field", *(f"{kind}_id" for kind in TARGETS))
        self.rows = [*seen_citations(source, user).values_list(*columns)]
        found = {kind: [*self._rows_of(kind)] for kind in TARGETS}
        self.agreements = sorted(found["agreement"], key=lambda one: (one.title, one.pk))
        keys = {cited(row)[-1] for row in self.rows}  # an agreement may be cited in its rows alone
        claims = [claim(kind, row) for kind, rows in found.items() for row in rows]
        self.claims = [one for one in claims if one["key"] in keys]

    def _rows_of(self, kind: str) -> QuerySet[Any]:
        """The rows of a kind that are cited, and every agreement of which a row is."""
        rows: Any = TARGETS[kind]._default_manager
        return in_short(kind, rows.visible_to(self.user).citing(self.source))

    def as_data(self) -> dict[str, Any]:
        """What the page is drawn from: citations as `[id, start, end, field, key of the claim]`, in code points."""
        return {
            "text": self.source.text,
            "citations": [cited(row) for row in self.rows],
            "claims": self.claims,
            "pages": {kind: page_urls(model) for kind, model in TARGETS.items()},
            "agreements": [named(one) for one in self.agreements],
            "coverage": told(self.source.text, ((row[1], row[2]) for row in self.rows)),
        }


def told(text: str, spans: Iterable[Span]) -> dict[str, Any]:
    """How much of a text these spans cover, as figures and in words."""
    found = coverage(text, spans)
    figures = {"percent": found.percent, "cited": found.cited_sentences, "sentences": found.sentences}
    words = _("of the text is cited, and at least a part of %(cited)d of its %(sentences)d sentences")
    return {**figures, "words": words % figures}


def cited(row: tuple[Any, ...]) -> list[Any]:
    """A citation as the page reads it, from id, offsets, field and the ids of the five kinds."""
    pairs = zip(TARGETS, row[4:], strict=True)
    return [*row[:4], next(f"{kind}:{pk}" for kind, pk in pairs if pk is not None)]


def in_short(kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows of a kind with what names them, and no more."""
    names = [*COLUMNS[kind]]
    if kind != "agreement":
        rows = rows.select_related("agreement", *(["speaker"] if kind == "statement" else []))
        names += ["agreement__title", "agreement__is_published"]
    return rows.only(*names).order_by("pk")


def claim(kind: str, row: Any) -> dict[str, Any]:
    """A row as the page lists it: `key` says which, `group` where it stands, `note` what is to be known beside it."""
    denied = kind == "statement" and row.kind == StatementKind.DENIAL
    return {
        "key": f"{kind}:{row.pk}",
        "group": "denial" if denied else kind,
        "label": str(row),
        "note": " · ".join(filter(None, NOTES[kind](row))) if kind in NOTES else "",
        "agreement": row.pk if kind == "agreement" else row.agreement_id,
    }


def named(agreement: Any) -> dict[str, Any]:
    """An agreement as the page names it."""
    url = page_url(agreement)
    return {"id": agreement.pk, "title": agreement.title, "draft": not agreement.is_published, "url": url}
