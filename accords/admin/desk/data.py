"""The JSON that the desk shows of a source: its text, the citations that the user may see, and their claims."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accords.admin.clauses import quantity_text
from accords.admin.display import change_url
from accords.admin.statements import speaker_text
from accords.models import Citation, Source
from accords.models.citations import CLAIM_TARGETS, citable_fields, field_label
from accords.rules.coverage import Span, coverage
from accords.services import own_drafts
from accords.vocabulary import StatementKind

User = AbstractBaseUser | AnonymousUser

# The columns from which the name and the note of a claim are built, by model name.
COLUMNS: dict[str, tuple[str, ...]] = {
    "agreement": ("title", "is_published"),
    "clause": ("number", "title", "type", "standing", "baseline_value", "value", "unit"),
    "statement": ("number", "kind", "proposition", "polarity", "speaker_label", "speaker__name"),
    "event": ("number", "kind", "date", "date_text", "place", "status"),
    "renewal": ("kind", "sequence", "due", "offset", "basis"),
}


def _choice_label(row: Model, name: str) -> str:
    """Return the label of a field's choice. `get_FOO_display` is slow for thousands of rows."""
    field: Any = row._meta.get_field(name)
    return str(dict(field.flatchoices)[getattr(row, name)])


# The parts of the note below the name of a claim, by model name.
NOTES: dict[str, Callable[[Any], Iterable[str]]] = {
    "agreement": lambda row: (),
    "clause": lambda row: (_choice_label(row, "type"), _choice_label(row, "standing"), quantity_text(row)),
    "statement": lambda row: (speaker_text(row), _choice_label(row, "polarity")),
    "event": lambda row: (row.place, _choice_label(row, "status")),
    "renewal": lambda row: (_choice_label(row, "basis"),),
}


def group_headings() -> dict[str, str]:
    """Return the headings of the groups of claims in their order; denials are a group of their own."""
    headings: dict[str, str] = {}
    for model_name, model in CLAIM_TARGETS.items():
        headings[model_name] = capfirst(str(model._meta.verbose_name_plural))
        if model_name == "statement":
            headings["denial"] = _("Denials")
    return headings | {"agreement": _("The agreement itself")}


def field_labels() -> dict[str, list[tuple[str, str]]]:
    """Return for each model name the fields that a citation can support, with their labels."""
    labels: dict[str, list[tuple[str, str]]] = {}
    for model_name, model in CLAIM_TARGETS.items():
        labels[model_name] = [(name, capfirst(str(field_label(model, name)))) for name in citable_fields(model)]
    return labels


def visible_citations(source: Source, user: User) -> Any:
    """Return the citations of a source that the user may see, in the order of the text.

    Of two that begin at the same place the longer one comes first. Citations of parties and participations are left
    out: the desk shows `CLAIM_TARGETS` only.
    """
    citations = Citation.objects.filter(source=source, participation__isnull=True, party__isnull=True)
    return citations.visible_to(user).order_by("start", "-end", "pk")


def desk_data(source: Source, user: Any) -> dict[str, Any]:
    """Return the data of the page. The number of queries does not depend on the number of rows."""
    columns = ("pk", "start", "end", "field", *(f"{model_name}_id" for model_name in CLAIM_TARGETS))
    visible = visible_citations(source, user)
    citations = [citation_data(values) for values in visible.values_list(*columns)]
    keys = {key for *_values, key in citations}
    claims, agreements = [], []
    for model_name, model in CLAIM_TARGETS.items():
        queryset: Any = model._default_manager
        for row in named_rows(model_name, queryset.visible_to(user).citing(source)):
            data = claim_data(model_name, row)
            if model_name == "agreement":
                agreements.append(row)
            if data["key"] in keys:  # not an agreement of which only related rows are cited
                claims.append(data)
    page_patterns = {
        model_name: reverse(f"admin:accords_{model._meta.model_name}_change", args=["{id}"]).replace("%7Bid%7D", "{id}")
        for model_name, model in CLAIM_TARGETS.items()
    }
    return {
        "text": source.text,
        "citations": citations,
        "own_citations": [] if user.has_perm("accords.delete_citation") else sorted(own_drafts(user, visible)),
        "claims": claims,
        "pages": page_patterns,
        "agreements": [
            agreement_data(agreement)
            for agreement in sorted(agreements, key=lambda agreement: (agreement.title, agreement.pk))
        ],
        "coverage": coverage_data(source.text, ((start, end) for _pk, start, end, *_rest in citations)),
    }


def coverage_data(text: str, spans: Iterable[Span]) -> dict[str, Any]:
    """Return how much of a text these spans (code points) cover, as figures and as a text."""
    cited = coverage(text, spans)
    figures = {"percent": cited.percent, "cited": cited.cited_sentences, "sentences": cited.sentences}
    message = _("of the text is cited; %(cited)d of %(sentences)d sentences at least in part")
    return {**figures, "words": message % figures}


def citation_data(values: tuple[Any, ...]) -> list[Any]:
    """Return `[id, start, end, field, key of the claim]`.

    `values` are id, offsets, field and, in the order of `CLAIM_TARGETS`, the ids of the targets, all but one None.
    """
    targets = zip(CLAIM_TARGETS, values[4:], strict=True)
    return [*values[:4], next(f"{model_name}:{pk}" for model_name, pk in targets if pk is not None)]


def named_rows(model_name: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the rows with only the columns that `claim_data` reads."""
    names = [*COLUMNS[model_name]]
    if model_name != "agreement":
        rows = rows.select_related("agreement", *(["speaker"] if model_name == "statement" else []))
        names += ["agreement__title", "agreement__is_published"]
    return rows.only(*names).order_by("pk")


def claim_data(model_name: str, row: Any) -> dict[str, Any]:
    is_denial = model_name == "statement" and row.kind == StatementKind.DENIAL
    return {
        "key": f"{model_name}:{row.pk}",
        "group": "denial" if is_denial else model_name,
        "label": str(row),
        "note": " · ".join(filter(None, NOTES[model_name](row))),
        "agreement": row.pk if model_name == "agreement" else row.agreement_id,
    }


def agreement_data(agreement: Any) -> dict[str, Any]:
    url = change_url(agreement)
    return {"id": agreement.pk, "title": agreement.title, "draft": not agreement.is_published, "url": url}
