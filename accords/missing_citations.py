"""The claims that lack a citation: which need the words of a source, and which no citation supports as they are now."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from accords.db.fields import Country, Duration, DurationList, Edtf
from accords.models import Agreement, Citation, Clause, Event, Participation, Party, Renewal, Statement
from accords.models.citations import WHOLE_ROW, claims, field_label, stated_values, value_digest
from accords.vocabulary import RenewalBasis

# Of an agreement, dates, durations, numbers and countries need a citation of their own; one for the whole row is not
# enough. Of other rows that holds only for fields that have citations of their own.
PRECISE = (Edtf, Duration, DurationList, Country, models.DecimalField, models.IntegerField)
# The rows of an agreement that need a citation.
RELATED_MODELS: tuple[Any, ...] = (Clause, Statement, Event, Renewal)
# The fields of a computed renewal that editors enter. Its date follows from terms that are cited.
ENTERED_OF_COMPUTED = {"status", "outcome"}


class MissingCitation(NamedTuple):
    """A claim that no citation supports: a field of a row, or the whole row (blank). `value` is its digest."""

    row: Any
    field: str
    value: str = ""

    @property
    def name(self) -> str:
        """Return the claim for messages: the row, and the translated name of its field."""
        row = str(self.row)
        return f"{row}: {field_label(type(self.row), self.field)}" if self.field else row

    @property
    def key(self) -> tuple[type[models.Model], int, str, str]:
        """Return the key of the claim. A claim with another value has another key."""
        return type(self.row), self.row.pk, self.field, self.value


def needs_own_citation(field: Any) -> bool:
    """Return whether the field is one of `PRECISE`."""
    return isinstance(field, PRECISE)


def has_citation(target: type[models.Model]) -> Exists:
    """Return the condition, in a subquery, that the outer row or a field of it has a citation, whatever its value."""
    return Exists(Citation.objects.filter(**{target._meta.model_name or "": OuterRef("pk")}))


def uncited(model: type[models.Model]) -> QuerySet[Any]:
    """Return the rows that need a citation and have none. Computed renewals need none: their terms are cited."""
    rows = model._default_manager.filter(~has_citation(model))
    return rows.exclude(basis=RenewalBasis.COMPUTED) if model is Renewal else rows


def missing_of_rows(rows: QuerySet[Any]) -> list[MissingCitation]:
    """Return the claims of stored rows that no citation supports with the value that they have now.

    A party without any citation needs none, nor does a row that states nothing. The number of queries does not depend
    on the number of rows.
    """
    model, instances = rows.model, list(rows.order_by("pk"))
    stated, supported = stated_values(instances), _supported_values(model, instances)
    supported_of_participations = _supported_values(
        Participation, [participation for row in stated.values() for participation in row.get("parties", ())]
    )
    missing = []
    for row in instances:
        values = stated[row.pk]
        if isinstance(row, Renewal) and row.basis == RenewalBasis.COMPUTED:
            values = {name: value for name, value in values.items() if name in ENTERED_OF_COMPUTED}
        if not supported[row.pk] and model in RELATED_MODELS:
            missing += [MissingCitation(row, WHOLE_ROW, value_digest(values))] if values else []
            continue
        for name, value in values.items():
            unsupported = _unsupported_values(model, name, value, supported[row.pk])
            if unsupported and isinstance(value, str):
                missing.append(MissingCitation(row, name, value))
            elif unsupported and model is not Agreement:
                missing.append(MissingCitation(row, name, value_digest([value[member] for member in unsupported])))
            else:  # a participation may have a citation of its own
                missing += [
                    MissingCitation(participation, WHOLE_ROW, value[participation])
                    for participation in unsupported
                    if not _is_cited(participation, supported_of_participations[participation.pk])
                ]
    # The name of a participation reads its party.
    models.prefetch_related_objects([claim.row for claim in missing if isinstance(claim.row, Participation)], "party")
    return missing


def _supported_values(model: type[models.Model], rows: Collection[models.Model]) -> dict[int, list[tuple[str, Any]]]:
    """Return for each citation of the rows its field and the digests that it supports (None: any), by row id."""
    kind, supported = str(model._meta.model_name), defaultdict(list)
    citations = Citation.objects.filter(**{f"{kind}__in": [row.pk for row in rows]})
    for pk, name, digests in citations.values_list(kind, "field", "supported"):
        supported[pk].append((name, digests and digests["values"]))
    return supported


def _is_cited(participation: Participation, supported: list[tuple[str, Any]]) -> bool:
    """Return whether a participation's own citations support all of it."""
    values = stated_values([participation])[participation.pk]
    return bool(supported) and not any(
        _unsupported_values(Participation, *claim, supported) for claim in values.items()
    )


def _unsupported_values(
    model: type[models.Model], name: str, value: Any, supported_values: list[tuple[str, Any]]
) -> list[Any]:
    """Return the values that no citation of a row supports: `[]`, `[value]`, or for a set of rows its members.

    `value` is the digest of a claim, or the digest of each member by member. `supported_values` has the field of each
    of the row's citations and the digests that it supports (None: any). Of an agreement, a `PRECISE` field needs a
    citation for that field, and any other may have one for the whole row. The same holds for a field of another row
    that has citations for it; without these, any citation of the row will do. A party without any citation needs none.
    """
    for_field = [values for cited, values in supported_values if cited == name]
    for_whole_row = [values for cited, values in supported_values if cited == WHOLE_ROW]
    if model is Party and not for_field + for_whole_row:
        return []
    if model is Agreement or for_field:
        field = claims(model).get(name)
        relevant = for_field if field is not None and needs_own_citation(field) else for_field + for_whole_row
    else:
        relevant = [values for _cited, values in supported_values]
    if None in relevant:
        return []
    supported = {item for values in relevant for item in _as_list(values.get(name))}
    if isinstance(value, dict):
        return [member for member, stated in value.items() if stated not in supported]
    return [] if value in supported else [value]


def _as_list(value: Any) -> list[Any]:
    """Return the digests that a citation supports for a claim: one, or those of members; [None] if it supports none."""
    return value if isinstance(value, list) else [value]


def missing_citations(agreements: Iterable[Agreement]) -> dict[int, list[MissingCitation]]:
    """Return the missing citations of each agreement, by id: for its own claims, and for those of its related rows.

    The number of queries does not depend on the number of agreements.
    """
    by_agreement: dict[int, list[MissingCitation]] = {agreement.pk: [] for agreement in agreements}
    if not by_agreement:
        return by_agreement
    for model in (Agreement, *RELATED_MODELS):
        condition = Q(pk__in=by_agreement) if model is Agreement else Q(agreement__in=by_agreement)
        for missing in missing_of_rows(model._default_manager.filter(condition)):
            row = missing.row
            by_agreement[row.pk if isinstance(row, Agreement) else row.agreement_id].append(missing)
    return by_agreement
