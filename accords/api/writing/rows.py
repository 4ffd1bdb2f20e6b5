"""From what a body says to rows that are saved: checked by the rules of the models, and all faults told at once."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, UniqueConstraint

from accords.api.errors import ErrorItem
from accords.api.writing.bodies import Body, Entries, Reading
from accords.api.writing.parser import step
from accords.api.writing.permits import permit, permit_publishing
from accords.api.writing.publishing import uncited
from accords.db.integrity_errors import by_field, fields_of
from accords.models import Citation
from accords.models.base import columns_of

LONGEST_DETAIL = 500
PLACE = {"prefix": "", "suffix": "", "start": None, "end": None}
QUOTE = {"source", "exact", *PLACE}


class Written(NamedTuple):
    """A row, the values that it had before, and what keeps it from being written."""

    row: Any
    before: dict[str, Any]
    faults: list[ErrorItem]


def write(row: Any, body: Body, reading: Reading, user: Any, pointer: str = "") -> Written:
    """Give a row what was read, and save it with the rows below it if nothing speaks against it.

    To be called in a transaction that ends when there are faults: rows may be saved before one is found.
    """
    before = {} if row._state.adding else columns(row)
    faults = [*reading.faults, *moved(row, body, reading, pointer)]
    many = fill(row, reading.values)
    faults += broken(row, body, reading, pointer)
    if not faults:
        permit_publishing(row, before, user)
        store(row, before)
    fields: Any = body.fields
    plans = [Below(row, fields[name], entries, f"{pointer}/{name}") for name, entries in reading.below.items()]
    faults += [fault for plan in plans for fault in plan.faults]
    if not faults:
        changed = [plan.carry_out(user) for plan in plans] + [put(row, name, rows) for name, rows in many.items()]
        if any(changed) and before and before == columns(row):
            row.save(update_fields=columns_of(type(row), []))  # it shows them, so it has changed too
        faults += uncited(row, before, pointer)
    return Written(row, before, faults)


def columns(row: Model) -> dict[str, Any]:
    """What was entered of a row, by column."""
    entered = (field for field in row._meta.concrete_fields if field.editable and not field.primary_key)
    return {field.attname: getattr(row, field.attname) for field in entered}


def fill(row: Any, values: dict[str, Any]) -> dict[str, list[Any]]:
    """Set the fields of a row; lists of related rows are given back, for they are set once it is saved."""
    many = {name: value for name, value in values.items() if row._meta.get_field(name).many_to_many}
    if isinstance(row, Citation) and QUOTE & values.keys():
        values = PLACE | values  # a quote that changes is found anew
    for name in values.keys() - many.keys():
        setattr(row, name, values[name])
    return many


def store(row: Any, before: dict[str, Any]) -> None:
    """Insert a new row, or write the columns that changed and those that follow from them."""
    if row._state.adding:
        row.save(force_insert=True)
        return
    changed = [field.name for field in row._meta.concrete_fields if _differs(row, field, before)]
    if changed:
        row.save(update_fields=columns_of(type(row), changed))


def _differs(row: Any, field: Any, before: dict[str, Any]) -> bool:
    return field.attname in before and before[field.attname] != getattr(row, field.attname)


def put(row: Any, name: str, rows: list[Any]) -> bool:
    """Set a list of related rows, and say whether that changed it."""
    manager = getattr(row, name)
    changed = {one.pk for one in manager.all()} != {one.pk for one in rows}
    if changed:
        manager.set(rows)
    return changed


def moved(row: Any, body: Body, reading: Reading, pointer: str) -> Iterator[ErrorItem]:
    """Relations that would leave what a row belongs to for good."""
    for name in () if row._state.adding else body.fixed:
        given = reading.values.get(name)
        if given is not None and given.pk != getattr(row, f"{name}_id"):
            yield ErrorItem(pointer + step(name), "fixed", "It stays where it is: make a new row there instead.")


def spoilt(body: Body, reading: Reading, pointer: str) -> set[str]:
    """The fields of the model whose values could not be read, so that its rules cannot be asked about them."""
    places = {fault.where.removeprefix(pointer).split("/")[1] for fault in reading.faults if fault.where != pointer}
    return {str(field.source) for name, field in body.fields.items() if step(name)[1:] in places}


def broken(row: Any, body: Body, reading: Reading, pointer: str, *unknown: str) -> list[ErrorItem]:
    """The rules of the model that a row breaks, as far as they can be asked: not about what could not be read."""
    if any(fault.where == pointer for fault in reading.faults):
        return []
    try:
        row.full_clean(exclude=spoilt(body, reading, pointer) | {*unknown})
    except ValidationError as error:
        return [
            fault_of(problem, name, row, body, pointer)
            for name, problems in by_field(error).items()
            for problem in problems
        ]
    return []


def fault_of(problem: ValidationError, name: str, row: Any, body: Body, pointer: str) -> ErrorItem:
    """A broken rule as a fault beside the field that it is about."""
    unique = fields_of(problem, row)
    names = [body.name_of(field) for field in ([*unique] if unique else [name])]
    told = [found for found in names if found]
    told += [body.beside] if unique and body.beside else []
    code = "unique" if unique else problem.code or "invalid"
    where = pointer + (step(told[-1]) if told and (unique or name != NON_FIELD_ERRORS) else "")
    return ErrorItem(where, code, " ".join(problem.messages)[:LONGEST_DETAIL])


class Below:
    """The rows below a row as they are to be: those of the same key stay and are changed, others come and go."""

    def __init__(self, row: Any, field: Entries, entries: list[Reading], pointer: str) -> None:
        """Check every entry; nothing is written yet."""
        self.manager = getattr(row, str(field.source))
        self.relation: str = self.manager.field.name
        self.body, self.row = field.child, row
        self.faults: list[ErrorItem] = []
        self.wanted: dict[tuple[Any, ...], Any] = {}
        for position, entry in enumerate(entries):
            self._want(entry, f"{pointer}/{position}")

    def _want(self, entry: Reading, pointer: str) -> None:
        row = self.body.model(**{self.relation: self.row})
        fill(row, entry.values)
        faults = broken(row, self.body, entry, pointer, self.relation)
        if not (faults or entry.faults) and self._key(row) in self.wanted:
            faults = [ErrorItem(pointer, "unique", "The same stands in this list already.")]
        self.faults += faults
        if not (faults or entry.faults):
            self.wanted[self._key(row)] = row

    def _key(self, row: Any) -> tuple[Any, ...]:
        """What must be unique of a row below the same row."""
        rules = (rule for rule in row._meta.constraints if isinstance(rule, UniqueConstraint))
        fields = next(rule.fields for rule in rules if self.relation in rule.fields)
        return tuple(getattr(row, row._meta.get_field(name).attname) for name in fields if name != self.relation)

    def carry_out(self, user: Any) -> bool:
        """Write what differs, as far as the caller may, and say whether anything did."""
        there = {self._key(row): row for row in self.manager.all()}
        gone = [row for key, row in there.items() if key not in self.wanted]
        changed = [(row, self._changed(row, self.wanted[key])) for key, row in there.items() if key in self.wanted]
        changed = [(row, names) for row, names in changed if names]
        new = [row for key, row in self.wanted.items() if key not in there]
        for verb, rows in (("delete", gone), ("change", changed), ("add", new)):
            permit(user, verb, self.body.model) if rows else None
        for row in gone:
            row.delete()
        for row, names in changed:
            row.save(update_fields=columns_of(type(row), names))
        for row in new:
            row.save(force_insert=True)
        return bool(gone or changed or new)

    def _changed(self, row: Any, wanted: Any) -> list[str]:
        """Take over what differs, and name it."""
        names = [field.name for field in row._meta.concrete_fields if _differs(wanted, field, columns(row))]
        for name in names:
            setattr(row, name, getattr(wanted, name))
        return names
