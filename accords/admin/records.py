"""The change log as editors read it: the records of a row and of the rows beneath it, each with what it changed."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from accords.admin.display import plain
from accords.db.audit_log import CREATED, DELETED, relations
from accords.db.fields import Sha256
from accords.db.row_history import named
from accords.vocabulary import ChangeKind

KINDS = {CREATED: ChangeKind.CREATED, DELETED: ChangeKind.DELETED}  # all else is a change
LONGEST = 400  # characters of a value that are shown
Logs = list[tuple[Any, QuerySet[Any]]]


class Change(NamedTuple):
    """A field by its label, and its value before and after in words; blank where there is none."""

    label: str
    before: str
    after: str


class Line(NamedTuple):
    """A record, the row as it was called then, and what the record changed."""

    record: Any
    row: str
    kind: ChangeKind
    changes: list[Change]

    @property
    def model(self) -> Any:
        """The model of the row."""
        return self.record.instance_type

    @property
    def kind_of_row(self) -> str:
        """What sort of row it is."""
        return str(self.model._meta.verbose_name)


def below(model: Any) -> list[Any]:
    """The relations by which rows hang on rows of a model, and go with them."""
    found = [one for one in model._meta.related_objects if one.on_delete is models.CASCADE]
    return [one for one in found if hasattr(one.related_model, "history")]


def logs(model: Any, pk: int) -> Logs:
    """The records of a row, and of every row that ever hung on it, by model and by the way it hung."""
    found: Logs = [(model, model.history.filter(id=pk))]
    waiting: list[tuple[Any, Any]] = [(model, [pk])]
    for parent, ids in waiting:
        for relation in below(parent):
            log = relation.related_model.history.filter(Q((f"{relation.field.name}__in", ids)))
            found.append((relation.related_model, log))
            waiting.append((relation.related_model, log.order_by().values("id")))
    return found


def listed(found: Logs) -> QuerySet[Any]:
    """When, which and of which model each record is, newest first."""
    arms = [
        log.order_by().values_list("history_date", "history_id", Value(model._meta.model_name)) for model, log in found
    ]
    return arms[0].union(*arms[1:]).order_by("-history_date", "-history_id")


def lines(page: Iterable[tuple[Any, int, str]], found: Logs) -> list[Line]:
    """The records of a page in its order, with as many queries as there are kinds of rows on it."""
    kinds = {model._meta.model_name: model for model, _ in found}
    wanted: dict[str, list[int]] = {}
    places = [(name, number) for _, number, name in page]
    for name, number in places:
        wanted.setdefault(name, []).append(number)
    made = {(name, line.record.history_id): line for name, ids in wanted.items() for line in _lines(kinds[name], ids)}
    return [made[place] for place in places]


def _lines(model: Any, ids: list[int]) -> list[Line]:
    """The lines of one model's records."""
    earlier = model.history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
    rows = light(model.history.filter(history_id__in=ids)).annotate(earlier=Subquery(earlier.values("history_id")[:1]))
    records = list(rows.select_related("history_user"))
    numbers = [record.earlier for record in records if record.earlier]
    before = {record.history_id: record for record in light(model.history.filter(history_id__in=numbers))}
    words = Words(model, [*records, *before.values()])
    return [words.line(record, before.get(record.earlier)) for record in records]


def light(log: QuerySet[Any]) -> QuerySet[Any]:
    """Records without what is as long as a book and known by its hash."""
    return log.defer(*(field.of for field in log.model.tracked_fields if isinstance(field, Sha256)))


def entered(model: Any) -> list[Any]:
    """What editors enter of a row, relations to many included."""
    columns = [field for field in model.history.model.tracked_fields if field.editable and not field.primary_key]
    return [*columns, *(model._meta.get_field(name) for name in relations(model))]


def told(model: Any) -> list[Any]:
    """What is told of a row: what is entered, and of a hashed text its hash."""
    hashes = [field for field in model.history.model.tracked_fields if isinstance(field, Sha256)]
    hashed = {field.of for field in hashes}
    return [field for field in entered(model) if field.name not in hashed] + hashes


class Words:
    """Says what records of one model hold, and knows the rows that they name."""

    def __init__(self, model: Any, records: list[Any]) -> None:
        """Fetch the rows that the records name, those of a kind together; of one that is gone, what is recorded."""
        self.model, self.fields = model, told(model)
        ids = [record.history_id for record in records]
        self.many = {field: named(field, ids) for field in self.fields if field.many_to_many}
        self.rows: dict[tuple[Any, int], Any] = {}
        for field in self.fields:
            if field.is_relation:
                self._fetch(field.related_model, {pk for record in records for pk in self.ids(field, record)})

    def _fetch(self, model: Any, ids: set[int]) -> None:
        wanted = {pk for pk in ids if (model, pk) not in self.rows}
        if not wanted:
            return
        heavy = [field.of for field in model._meta.concrete_fields if isinstance(field, Sha256)]
        self.rows |= {(model, row.pk): row for row in model._default_manager.filter(pk__in=wanted).defer(*heavy)}
        gone = wanted - {pk for of, pk in self.rows if of is model}
        for record in light(model.history.filter(id__in=gone)).order_by("history_id") if gone else ():
            self.rows[model, record.id] = self.row(record, model)

    def row(self, record: Any, model: Any) -> Any:
        """A row as a record has it, with what it names as far as that is known."""
        loaded = record.__dict__
        columns = {field.attname: loaded[field.attname] for field in record.tracked_fields if field.attname in loaded}
        made = model(**columns)
        for field in record.tracked_fields:
            other = field.is_relation and self.rows.get((field.related_model, columns[field.attname]))
            if other:
                setattr(made, field.name, other)
        return made

    def ids(self, field: Any, record: Any) -> list[int]:
        """The ids of the rows that a record names in a field."""
        if field.many_to_many:
            return self.many[field].get(record.history_id, [])
        pk = getattr(record, field.attname)
        return [] if pk is None else [pk]

    def line(self, record: Any, earlier: Any) -> Line:
        """What a record says and changed."""
        before = None if record.history_type == CREATED else earlier
        after = None if record.history_type == DELETED else record
        kind = KINDS.get(record.history_type, ChangeKind.CHANGED)
        return Line(record, self.name(record), kind, self.changes(before, after))

    def name(self, record: Any) -> str:
        """What the row was called; its number, if what it is called after is unknown."""
        try:
            return str(self.row(record, self.model))
        except ObjectDoesNotExist:
            return f"{self.model._meta.verbose_name} {record.id}"

    def changes(self, before: Any, after: Any) -> list[Change]:
        """The fields that differ between two records; of no record every field is blank."""
        pairs = ((field, self.value(field, before), self.value(field, after)) for field in self.fields)
        return [
            Change(capfirst(str(field.verbose_name)), self.said(field, old), self.said(field, new))
            for field, old, new in pairs
            if old != new
        ]

    def value(self, field: Any, record: Any) -> Any:
        """What a record holds in a field: ids of a relation."""
        if record is None:
            return [] if field.is_relation else ""
        if field.is_relation:
            return self.ids(field, record)
        found = getattr(record, field.attname)
        return "" if found is None or found == [] else found

    def said(self, field: Any, value: Any) -> str:
        """A value in words."""
        if field.is_relation:
            return ", ".join(str(self.rows.get((field.related_model, pk)) or pk) for pk in value)
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, Decimal):
            return plain(value)
        return Truncator(", ".join(value) if isinstance(value, list) else str(value)).chars(LONGEST)
