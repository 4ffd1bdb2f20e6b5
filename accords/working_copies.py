"""Working copies: drafts of changes to a published agreement, for editors who may not publish.

A working copy is an agreement with a copy of each related row. Publishing it compares three states of each value: as it
was copied, as it is in the copy, and as it is published. Values that only the copy changed are copied to the published
agreement, values that only that changed stay, and values that both changed differently are conflicts, which the
publisher decides. Published rows keep their ids.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models, transaction
from django.db.models import Model, Q

from accords.db.audit_log import CHANGED, CREATED, record, unrecorded
from accords.missing_citations import ENTERED_OF_COMPUTED, MissingCitation, missing_citations
from accords.models import Agreement, Citation, Clause, ClauseParty, Event, Participation, Renewal, Statement, UsedSlug
from accords.models.base import update_fields_for
from accords.models.sources import TARGET_AGREEMENTS
from accords.models.working_copies import CopiedRow
from accords.services import Uncited, affected_agreements, confirm, find_claim_rows, renewals_changed
from accords.vocabulary import ChangeKind, RenewalBasis

# The rows of an agreement, each model after those to which it refers.
MODELS: tuple[Any, ...] = (Agreement, Participation, Clause, ClauseParty, Event, Renewal, Statement, Citation)
NOT_COMPARED = {"slug", "is_published", "created_at", "updated_at"}
# Not `CREATED` and `CHANGED`: these are the signs of the audit log.
ADDED, ALTERED, REMOVED = ChangeKind.CREATED.value, ChangeKind.CHANGED.value, ChangeKind.DELETED.value
SLUG_LENGTH = 100


class FieldChange(NamedTuple):
    """A value as it is published and as it is in the copy; `meanwhile` says that both changed it."""

    field: str
    before: Any
    after: Any
    meanwhile: bool = False


class RowChange(NamedTuple):
    """The change of a working copy to one row: `created`, `changed` or `deleted`.

    `row` is the row of the copy, `origin` the published one; None if there is none. `meanwhile` says that, since it was
    copied, the published row was deleted, or changed although the copy deletes it.
    """

    model: type[Model]
    kind: str
    row: Any
    origin: Any
    fields: list[FieldChange]
    meanwhile: bool = False

    @property
    def pointer(self) -> str:
        """Return the JSON pointer of the row, such as `/clauses/12`; blank for the agreement.

        It is an address below `/api/v1`, except for participations and clause parties, which have none.
        """
        if self.model is Agreement:
            return ""
        name = "clause-parties" if self.model is ClauseParty else f"{self.model._meta.model_name}s"
        return f"/{name}/{(self.origin or self.row).pk}"

    def conflicts(self) -> list[str]:
        """Return the JSON pointers of the row or fields that the publisher has to decide."""
        if self.meanwhile:
            return [self.pointer or "/"]
        return [f"{self.pointer}/{change.field}" for change in self.fields if change.meanwhile]


class Comparison(NamedTuple):
    """A working copy, what it changes of the published agreement, and the claims that lack a citation."""

    working_copy: Agreement
    original: Agreement
    changes: list[RowChange]
    missing: list[MissingCitation]

    @property
    def conflicts(self) -> list[str]:
        return [pointer for change in self.changes for pointer in change.conflicts()]


class CopyConflict(Exception):
    """The working copy and the published agreement changed the same rows or fields, or differ from what was decided.

    `undecided` has the pointers of conflicts without a decision, `unknown` those of decisions without a conflict.
    """

    def __init__(self, undecided: list[str], unknown: list[str]) -> None:
        super().__init__(", ".join([*undecided, *unknown]))
        self.undecided, self.unknown = undecided, unknown


def rows_of(model: type[Model], agreement: Agreement) -> models.QuerySet[Any]:
    """Return the rows of a model that belong to an agreement, in the order of their ids."""
    if model is Agreement:
        condition = Q(pk=agreement.pk)
    elif model is ClauseParty:
        condition = Q(clause__agreement=agreement)
    elif model is Citation:
        condition = Q()
        for path in TARGET_AGREEMENTS.values():
            condition |= Q((path, agreement))
    else:
        condition = Q(agreement=agreement)
    rows: models.QuerySet[Any] = model._default_manager.filter(condition).order_by("pk")
    return rows


def columns(model: type[Model]) -> list[Any]:
    """Return the columns of a model that editors enter, except those of `NOT_COMPARED`."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.editable and not field.primary_key and field.name not in NOT_COMPARED
    ]


def values_of(model: Any, rows: Iterable[Model], ids: dict[type[Model], dict[int, int]]) -> dict[int, dict[str, Any]]:
    """Return the values of rows as JSON, by id and field. `ids` replaces the ids of rows to which they refer."""
    values_by_id: dict[int, dict[str, Any]] = {}
    for row in rows:
        values = values_by_id[row.pk] = {}
        for field in columns(model):
            value = getattr(row, field.attname)
            if field.is_relation:
                value = ids.get(field.related_model, {}).get(value, value)
            values[field.name] = f"{value.normalize():f}" if isinstance(value, Decimal) else value
    for field in model._meta.many_to_many:
        through = field.remote_field.through
        row_column, related_column = field.m2m_column_name(), field.m2m_reverse_name()
        for values in values_by_id.values():
            values[field.name] = []
        pairs = through._default_manager.filter(**{f"{row_column}__in": values_by_id}).order_by(related_column)
        for pk, related in pairs.values_list(row_column, related_column):
            values_by_id[pk][field.name].append(related)
    return values_by_id


# Creation


def make_working_copy(*, agreement: Agreement, on: date) -> Agreement:
    """Copy a published agreement with its related rows into a draft.

    The number of queries does not depend on the number of rows, except that rows are written in batches.
    """
    with transaction.atomic():
        original = Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
        ids: dict[type[Model], dict[int, int]] = {}
        values: dict[type[Model], dict[int, dict[str, Any]]] = {}
        for model in MODELS:
            origins = list(rows_of(model, original))  # read once: others may add rows meanwhile
            _copy_rows(model, origins, original, ids)
            values[model] = values_of(model, origins, {})
        copy = ids[Agreement][original.pk]
        copied_rows = [
            CopiedRow(
                working_copy_id=copy,
                kind=model._meta.model_name,
                row_id=ids[model][pk],
                origin_id=pk,
                values=row_values,
            )
            for model in MODELS
            for pk, row_values in values[model].items()
        ]
        CopiedRow.objects.bulk_create(copied_rows, batch_size=500)
        renewals_changed([copy], on=on)
    return Agreement.objects.get(pk=copy)


def _copy_rows(model: Any, origins: list[Model], original: Agreement, ids: dict[type[Model], dict[int, int]]) -> None:
    """Insert copies of rows, and add their ids to `ids`.

    Relations between rows of the model are set after the insertion, when the ids of the copies are known.
    """
    new = [_copy_of(origin, original, ids) for origin in origins]
    inner_fields = [field for field in columns(model) if field.related_model is model and model is not Agreement]
    origin_ids = {origin.pk for origin in origins}
    postponed = [
        (row, field.attname, getattr(row, field.attname))
        for row in new
        for field in inner_fields
        if getattr(row, field.attname) in origin_ids
    ]
    for row, name, _value in postponed:
        setattr(row, name, None)
    with unrecorded():
        model._default_manager.bulk_create(new)
        ids[model] = {origin.pk: row.pk for origin, row in zip(origins, new, strict=True)}
        for row, name, value in postponed:
            setattr(row, name, ids[model][value])
        if postponed:
            changed = {row.pk: row for row, _name, _value in postponed}
            model._default_manager.bulk_update(changed.values(), [field.name for field in inner_fields], batch_size=100)
        for field in model._meta.many_to_many:
            through = field.remote_field.through
            row_column, related_column = field.m2m_column_name(), field.m2m_reverse_name()
            pairs = through._default_manager.filter(**{f"{row_column}__in": ids[model]})
            through._default_manager.bulk_create(
                through(**{row_column: ids[model][pk], related_column: related})
                for pk, related in pairs.values_list(row_column, related_column)
            )
    record(new, CREATED)


def _copy_of(origin: Any, original: Agreement, ids: dict[type[Model], dict[int, int]]) -> Model:
    """Return an unsaved copy of a row, with the ids of related rows replaced by those of their copies in `ids`."""
    row = type(origin)()
    for field in origin._meta.concrete_fields:
        if field.primary_key or field.generated or field.name == "supported":
            continue
        value = getattr(origin, field.attname)
        if field.is_relation:
            value = ids.get(field.related_model, {}).get(value, value)
        setattr(row, field.attname, value)
    if isinstance(row, Agreement):
        row.slug, row.is_published, row.working_copy_of = free_slug(original), False, original
    return row


def free_slug(original: Agreement) -> str:
    """Return the slug of the next working copy: `rare-metals-copy-2`."""
    stem, number = original.slug[: SLUG_LENGTH - 12].rstrip("-"), 1
    lookup = {"slug__startswith": f"{stem}-copy-"}
    taken = set(Agreement.objects.filter(**lookup).values_list("slug", flat=True))
    taken |= set(UsedSlug.objects.filter(**lookup, resource="agreements").values_list("slug", flat=True))
    while f"{stem}-copy-{number}" in taken:
        number += 1
    return f"{stem}-copy-{number}"


# Comparison


def compare(working_copy: Agreement) -> Comparison:
    """Return the changes of a working copy. The number of queries does not depend on the number of rows."""
    original = working_copy.working_copy_of
    assert original is not None  # noqa: S101 - callers pass working copies only
    copied: dict[str, dict[int, CopiedRow]] = defaultdict(dict)
    for copied_row in CopiedRow.objects.filter(working_copy=working_copy):
        copied[copied_row.kind][copied_row.row_id] = copied_row
    # The ids of the published rows, by those of their copies.
    origin_ids = {
        model: {pk: copied_row.origin_id for pk, copied_row in copied[model._meta.model_name].items()}
        for model in MODELS
    }
    renewals = Citation.objects.filter(renewal__agreement__in=[working_copy, original])
    cited_renewals = set(renewals.values_list("renewal", flat=True))
    changes: list[RowChange] = []
    for model in MODELS:
        rows = {row.pk: row for row in rows_of(model, working_copy)}
        origins = {row.pk: row for row in rows_of(model, original)}
        copy_values = values_of(model, rows.values(), origin_ids)
        published_values = values_of(model, origins.values(), {})
        copied_rows = copied[model._meta.model_name]
        for pk in sorted({*rows} - {*copied_rows}):
            if not _is_derived(rows[pk], cited_renewals):
                added = [
                    FieldChange(name, None, value)
                    for name, value in copy_values[pk].items()
                    if _is_stated(model, name, value)
                ]
                changes.append(RowChange(model, ADDED, rows[pk], None, added))
        for pk, copied_row in sorted(copied_rows.items()):
            change = _row_change(
                model,
                copied_row,
                rows.get(pk),
                origins.get(copied_row.origin_id),
                copy_values.get(pk),
                published_values,
                cited_renewals,
            )
            if change is not None:
                changes.append(change)
    return Comparison(working_copy, original, changes, missing_citations([working_copy])[working_copy.pk])


def _row_change(
    model: type[Model],
    copied: CopiedRow,
    row: Model | None,
    origin: Any,
    values: dict[str, Any] | None,
    published_values: dict[int, dict[str, Any]],
    cited_renewals: set[int],
) -> RowChange | None:
    """Return the change of a copied row from its origin, None if there is none.

    `row` and `values` are those of the copy, None if it was deleted; `origin` is None if the published row was.
    """
    base, published = copied.values, published_values.get(copied.origin_id)
    is_computed = base.get("basis") == RenewalBasis.COMPUTED and model is Renewal
    if values is None:
        if published is None or (is_computed and _is_derived(origin, cited_renewals)):
            return None
        return RowChange(model, REMOVED, None, origin, [], meanwhile=published != base)
    # Of a renewal that is still computed, only what editors enter is compared: all else follows from the terms.
    names = [
        name for name in values if not is_computed or values["basis"] != base["basis"] or name in ENTERED_OF_COMPUTED
    ]
    changed = [name for name in names if values[name] != base.get(name)]
    if not changed:
        return None
    if published is None:  # deleted meanwhile: the row is added again if the publisher decides for the copy
        return RowChange(
            model, ADDED, row, None, [FieldChange(name, None, values[name]) for name in names], meanwhile=True
        )
    fields = [
        FieldChange(name, published[name], values[name], meanwhile=published[name] != base.get(name))
        for name in changed
        if published[name] != values[name]
    ]
    return RowChange(model, ALTERED, row, origin, fields) if fields else None


def _is_derived(row: Model, cited_renewals: set[int]) -> bool:
    """Return whether a row is a renewal that only follows from the terms: not cited, and nothing is recorded of it."""
    return isinstance(row, Renewal) and row.is_only_computed and row.pk not in cited_renewals


def _is_stated(model: Any, name: str, value: Any) -> bool:
    """Return whether a value is not the default of its field."""
    field = model._meta.get_field(name)
    return bool(value) if field.many_to_many else value != field.get_default()


# Publication


def publish_working_copy(*, working_copy: Agreement, overwrite: Collection[str] = (), on: date) -> Agreement:
    """Apply the changes of a working copy to its published agreement, delete the copy, and return the agreement.

    `overwrite` has the pointers of conflicts in which the copy's value is used. Raises `CopyConflict` if they are not
    exactly the conflicts that there are, `Uncited` if a claim lacks a citation, and `ProtectedError`, `RestrictedError`
    or `IntegrityError` if other rows refer to what the copy deletes. Then nothing is changed.
    """
    with transaction.atomic():
        pair = Agreement.objects.filter(pk__in=[working_copy.pk, working_copy.working_copy_of_id])
        list(pair.order_by("pk").select_for_update())
        comparison = compare(Agreement.objects.get(pk=working_copy.pk))
        undecided = [pointer for pointer in comparison.conflicts if pointer not in overwrite]
        unknown = [pointer for pointer in overwrite if pointer not in comparison.conflicts]
        if undecided or unknown:
            raise CopyConflict(undecided, unknown)
        if comparison.missing:
            raise Uncited(comparison.missing)
        original = comparison.original
        affected = affected_agreements(original)
        already_missing = {claim.key for claim in missing_citations([original])[original.pk]}
        _apply_changes(comparison)
        original = Agreement.objects.get(pk=original.pk)
        renewals_changed(affected | affected_agreements(original), on=on)
        missing = [claim for claim in missing_citations([original])[original.pk] if claim.key not in already_missing]
        if missing and original.is_published:
            raise Uncited(missing)
    return original


def _apply_changes(comparison: Comparison) -> None:
    """Give the published rows the values of the copy, move new rows to it, and delete what the copy deleted."""
    copy, original = comparison.working_copy, comparison.original
    added: dict[type[Model], list[Model]] = defaultdict(list)
    removed: dict[type[Model], list[int]] = defaultdict(list)
    altered = [change for change in comparison.changes if change.kind == ALTERED]
    for change in comparison.changes:
        if change.kind == ADDED:
            added[change.model].append(change.row)
        elif change.kind == REMOVED:
            removed[change.model].append(change.origin.pk)
    # The agreement first, because clauses may modify those of an agreement that it amends.
    for change in altered:
        if change.model is Agreement:
            _write_row(change)
    _clear_changing_values(altered)
    for model in reversed(MODELS):
        model._default_manager.filter(pk__in=removed[model]).delete()
    _move_new_rows(added, copy, original)
    for change in altered:
        if change.model is not Agreement:
            _write_row(change)
    copy.delete()
    _confirm_written([change for change in comparison.changes if change.kind != REMOVED])


def _confirm_written(changes: list[RowChange]) -> None:
    """Save that citations support the rows that were written: in the copy they supported every claim."""
    written: dict[type[Model], set[int]] = defaultdict(set)
    for change in changes:
        written[change.model].add((change.origin or change.row).pk)
    rows = [row for model, ids in written.items() for row in model._default_manager.filter(pk__in=ids)]
    cited_ids: dict[str, set[int]] = defaultdict(set)
    for claim_row in find_claim_rows(rows):
        cited_ids[claim_row.model._meta.model_name].add(claim_row.pk)
    for kind, ids in cited_ids.items():
        confirm(Citation.objects.filter(**{f"{kind}__in": ids}))


def inner_relations(model: type[Model]) -> list[models.Field]:
    """Return the optional relations of a model to rows of the same agreement."""
    return [
        field
        for field in columns(model)
        if field.null and field.related_model in (Clause, Event) and field.name != "modifies"
    ]


def _clear_changing_values(altered: list[RowChange]) -> None:
    """Replace numbers and relations that are going to change by temporary values.

    Otherwise they could violate a constraint while some rows are changed and others are not yet.
    """
    with unrecorded():
        for change in altered:
            names = {field_change.field for field_change in change.fields}
            values: dict[str, str | None] = {
                field.attname: None for field in inner_relations(change.model) if field.name in names
            }
            if "number" in names:
                values["number"] = f"~{change.origin.pk}"
            if values and change.model is not Citation:
                change.model._default_manager.filter(pk=change.origin.pk).update(**values)


def _move_new_rows(added: dict[type[Model], list[Model]], copy: Agreement, original: Agreement) -> None:
    """Move new rows of the copy to the published agreement, and delete the copied rows.

    Relations of the new rows to copied rows then lead to the origins of these.
    """
    origins: dict[type[Model], dict[int, int]] = defaultdict(dict)
    for copied_row in CopiedRow.objects.filter(working_copy=copy):
        origins[apps.get_model("accords", copied_row.kind)][copied_row.row_id] = copied_row.origin_id
    for model, rows in added.items():
        for row in rows:
            origins[model].pop(row.pk, None)
    relations = {
        model: {
            row.pk: {
                field.attname: origins[field.related_model].get(value, value)
                for field in columns(model)
                if field.is_relation and (value := getattr(row, field.attname)) is not None
            }
            for row in rows
        }
        for model, rows in added.items()
    }
    with unrecorded():
        for model in (Clause, Event, Statement):
            model._default_manager.filter(agreement=copy).update(
                **{field.attname: None for field in inner_relations(model)}
            )
        for model in (Clause, Event, Renewal, Statement):
            ids = [row.pk for row in added[model]]
            model._default_manager.filter(pk__in=ids).update(agreement=original)
    for model in MODELS[1:]:
        for pk, values in relations.get(model, {}).items():
            model._default_manager.filter(pk=pk).update(**values)
    for model in reversed(MODELS[1:]):
        rows_of(model, copy).delete()


def _write_row(change: RowChange) -> None:
    """Give a published row the values that the copy changed."""
    row = change.model._default_manager.get(pk=change.origin.pk)
    many_to_many = {field.name for field in row._meta.many_to_many}
    names = []
    for field_change in change.fields:
        if field_change.field in many_to_many:
            continue
        field: Any = row._meta.get_field(field_change.field)
        setattr(
            row, field.attname, field.to_python(field_change.after) if not field.is_relation else field_change.after
        )
        names.append(field_change.field)
    if names:
        row.save(update_fields=update_fields_for(type(row), names))
    for field_change in change.fields:
        if field_change.field in many_to_many:
            getattr(row, field_change.field).set(field_change.after)
            record([row], CHANGED)
