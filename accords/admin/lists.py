"""What list pages have in common: addresses that cannot break them, counts without a query a row, and filters."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, transaction
from django.db.models import Count, F, IntegerField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accords.admin.autocomplete import ROW_ID
from accords.db.fields import Edtf
from accords.models.citations import has_citation, uncited

COMPARISONS = {"exact", "in", "isnull", "gt", "gte", "lt", "lte"}


class CheckedList(ChangeList):
    """A list whose address cannot make it fail: impossible numbers and dates lead back to the plain list."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Count the rows within a savepoint, so that what the database refuses spoils nothing else."""
        try:
            with transaction.atomic():
                super().__init__(*args, **kwargs)
        except (ArithmeticError, DataError, ValueError) as error:
            raise IncorrectLookupParameters from error


def is_plain(model: type[Model], lookup: str) -> bool:
    """Whether a parameter is one word, or names fields and one comparison: no regular expression, no transform."""
    name, *rest = lookup.split("__")
    if not rest:
        return True
    try:
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    if len(rest) == 1 and rest[0] in COMPARISONS:
        return True
    return field.is_relation and is_plain(field.related_model, "__".join(rest))  # type: ignore[arg-type]


def tally(rows: type[Model] | QuerySet[Any], path: str) -> Coalesce:
    """How many rows lead to the outer row by `path`: a subquery, so that counts do not multiply each other."""
    found = rows if isinstance(rows, QuerySet) else rows._default_manager.all()
    counted = found.filter(**{path: OuterRef("pk")}).order_by().values(path).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


class Evidence(SimpleListFilter):
    """Rows that need a citation and have none, or that have one."""

    title = _("evidence")
    parameter_name = "evidence"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The two answers."""
        return [("none", _("without a citation")), ("some", _("with a citation"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows chosen."""
        bare = uncited(queryset.model).order_by().values("pk")
        answers = {"none": Q(pk__in=bare), "some": Q(has_citation(queryset.model))}
        answer = answers.get(self.value() or "")
        return queryset if answer is None else queryset.filter(answer)


def unsettled(model: type[Model]) -> Q:
    """Rows with a date that is stated, and not as one day."""
    found = Q()
    for field in model._meta.concrete_fields:
        if isinstance(field, Edtf):
            first, last = f"{field.name}_earliest", f"{field.name}_latest"
            found |= ~Q((field.name, "")) & (
                Q((f"{first}__isnull", True)) | Q((f"{last}__isnull", True)) | ~Q((first, F(last)))
            )
    return found


class Unsettled(SimpleListFilter):
    """Rows with a date that someone may come to know more exactly."""

    title = _("dates")
    parameter_name = "dates"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """One answer."""
        return [("fuzzy", _("not settled to the day"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows chosen."""
        return queryset.filter(self.condition(queryset.model)) if self.value() == "fuzzy" else queryset

    def condition(self, model: type[Model]) -> Q:
        """Which rows these are."""
        return unsettled(model)


class Chosen(SimpleListFilter):
    """Rows of one related row, reached by a link and shown only then: a page has no list of all agreements."""

    relation: str

    def __init__(self, request: HttpRequest, params: Any, model: type[Model], model_admin: Any) -> None:
        self.title = model._meta.get_field(self.relation).verbose_name  # type: ignore[union-attr]
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The related row, if one is chosen."""
        value = self.value()
        if value is None:
            return []
        if not ROW_ID.fullmatch(value):
            raise IncorrectLookupParameters
        related: Any = model_admin.model._meta.get_field(self.relation).related_model
        return [(value, str(related._default_manager.filter(pk=value).first() or value))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the one chosen."""
        return queryset.filter(Q((self.relation, self.value()))) if self.value() else queryset


def chosen(relation: str) -> type[Chosen]:
    """The filter for rows of one related row, by its id under the relation's name."""
    named = {"relation": relation, "parameter_name": relation}
    return type(f"Chosen_{relation}", (Chosen,), named)
