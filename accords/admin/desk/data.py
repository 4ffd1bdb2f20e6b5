"""What the desk shows of a source: its text, the citations that the user may see, and the claims they support."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accords.admin.clauses import quantity
from accords.admin.display import change_url
from accords.admin.statements import speaker
from accords.models import Citation, Source
from accords.models.citations import CLAIM_TARGETS, citable_fields
from accords.rules.coverage import Span, coverage
from accords.services import own_drafts
from accords.vocabulary import StatementKind

User = AbstractBaseUser | AnonymousUser

# The columns of which a claim's name and note are made.
COLUMNS: dict[str, tuple[str, ...]] = {
    "agreement": ("title", "is_published"),
    "clause": ("number", "title", "type", "standing", "baseline_value", "value", "unit"),
    "statement": ("number", "kind", "proposition", "polarity", "speaker_label", "speaker__name"),
    "event": ("number", "kind", "date", "date_text", "place", "status"),
    "renewal": ("kind", "sequence", "due", "offset", "basis"),
}


def _label(row: Model, name: str) -> str:
    """Return the label of a word; `get_…_display` is slow for thousands of rows."""
    field: Any = row._meta.get_field(name)
    return str(dict(field.flatchoices)[getattr(row, name)])


NOTES: dict[str, Callable[[Any], Iterable[str]]] = {
    "agreement": lambda row: (),
    "clause": lambda row: (_label(row, "type"), _label(row, "standing"), quantity(row)),
    "statement": lambda row: (speaker(row), _label(row, "polarity")),
    "event": lambda row: (row.place, _label(row, "status")),
    "renewal": lambda row: (_label(row, "basis"),),
}


def group_headings() -> dict[str, str]:
    """Return the headings of the groups of claims in their order; denials are a group of their own."""
    headings: dict[str, str] = {}
    for kind, model in CLAIM_TARGETS.items():
        headings[kind] = capfirst(str(model._meta.verbose_name_plural))
        if kind == "statement":
            headings["denial"] = _("Denials")
    return headings | {"agreement": _("The agreement itself")}


def field_labels() -> dict[str, list[tuple[str, str]]]:
    """Return for each kind of row the fields that a citation can support, with their labels."""
    labels: dict[str, list[tuple[str, str]]] = {}
    for kind, model in CLAIM_TARGETS.items():
        known = {field.name: getattr(field, "verbose_name", "") for field in model._meta.get_fields()}
        labels[kind] = [(name, capfirst(str(known.get(name) or _("parties")))) for name in citable_fields(model)]
    return labels


def visible_citations(source: Source, user: User) -> Any:
    """Return the citations that the user may see, in the order of the text."""
    claims = Citation.objects.filter(source=source, participation__isnull=True, party__isnull=True)
    return claims.visible_to(user).order_by("start", "-end", "pk")


def desk_data(source: Source, user: Any) -> dict[str, Any]:
    """Return the data of the page, with one query for the citations and one for each kind of row."""
    columns = ("pk", "start", "end", "field", *(f"{kind}_id" for kind in CLAIM_TARGETS))
    visible = visible_citations(source, user)
    citations = [citation_data(row) for row in visible.values_list(*columns)]
    keys = {citation[4] for citation in citations}
    claims, agreements = [], []
    for kind, model in CLAIM_TARGETS.items():
        queryset: Any = model._default_manager
        for row in named_rows(kind, queryset.visible_to(user).citing(source)):
            data = claim_data(kind, row)
            if kind == "agreement":
                agreements.append(row)
            if data["key"] in keys:  # an agreement may be cited in its rows alone
                claims.append(data)
    patterns = {
        kind: reverse(f"admin:accords_{model._meta.model_name}_change", args=["{id}"]).replace("%7Bid%7D", "{id}")
        for kind, model in CLAIM_TARGETS.items()
    }
    return {
        "text": source.text,
        "citations": citations,
        "own_citations": [] if user.has_perm("accords.delete_citation") else sorted(own_drafts(user, visible)),
        "claims": claims,
        "pages": patterns,
        "agreements": [
            agreement_data(agreement)
            for agreement in sorted(agreements, key=lambda agreement: (agreement.title, agreement.pk))
        ],
        "coverage": coverage_data(source.text, ((start, end) for _pk, start, end, *_rest in citations)),
    }


def coverage_data(text: str, spans: Iterable[Span]) -> dict[str, Any]:
    """Return how much of a text these spans cover, as figures and in words."""
    cited = coverage(text, spans)
    figures = {"percent": cited.percent, "cited": cited.cited_sentences, "sentences": cited.sentences}
    words = _("of the text is cited; %(cited)d of %(sentences)d sentences at least in part")
    return {**figures, "words": words % figures}


def citation_data(row: tuple[Any, ...]) -> list[Any]:
    """Return `[id, start, end, field, key of the claim]` from id, offsets, field and the ids of the five targets."""
    pairs = zip(CLAIM_TARGETS, row[4:], strict=True)
    return [*row[:4], next(f"{kind}:{pk}" for kind, pk in pairs if pk is not None)]


def named_rows(kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return rows of a kind with the columns of their names and notes only."""
    names = [*COLUMNS[kind]]
    if kind != "agreement":
        rows = rows.select_related("agreement", *(["speaker"] if kind == "statement" else []))
        names += ["agreement__title", "agreement__is_published"]
    return rows.only(*names).order_by("pk")


def claim_data(kind: str, row: Any) -> dict[str, Any]:
    is_denial = kind == "statement" and row.kind == StatementKind.DENIAL
    return {
        "key": f"{kind}:{row.pk}",
        "group": "denial" if is_denial else kind,
        "label": str(row),
        "note": " · ".join(filter(None, NOTES[kind](row))),
        "agreement": row.pk if kind == "agreement" else row.agreement_id,
    }


def agreement_data(agreement: Any) -> dict[str, Any]:
    url = change_url(agreement)
    return {"id": agreement.pk, "title": agreement.title, "draft": not agreement.is_published, "url": url}
