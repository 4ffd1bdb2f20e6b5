"""Change lists that accept any query string, counts without a query per row, and filters."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.messages import WARNING
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, transaction
from django.db.models import Count, F, IntegerField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accords.admin.autocomplete import ID_PATTERN, visible_rows
from accords.db.fields import Edtf
from accords.db.search_index import compile_query, search_condition, searched_models
from accords.db.text_search import FoldedContains
from accords.missing_citations import has_citation, uncited
from accords.models import Renewal
from accords.models.renewals import OPEN
from accords.rules.search_query import QueryError, parse
from accords.rules.text import fold

SOON = "P90D"  # the period of “within 90 days”
MAX_COMPARED = 500  # rows that a search compares in Python
COMPARISONS = {"exact", "in", "isnull", "gt", "gte", "lt", "lte"}  # comparisons that a query string may name


class SafeChangeList(ChangeList):
    """A change list that redirects to the unfiltered list if a filter has an impossible number or date."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            with transaction.atomic():  # a savepoint: an error of PostgreSQL would end the whole transaction
                super().__init__(*args, **kwargs)
        except (ArithmeticError, DataError, ValueError) as error:  # also OverflowError and decimal.InvalidOperation
            raise IncorrectLookupParameters from error  # Django redirects then
        if not self.is_popup:  # a popup keeps Django's title, "Select agreement to change"
            self.title = capfirst(str(self.opts.verbose_name_plural))


def is_plain_lookup(model: type[Model], lookup: str) -> bool:
    """Return whether a lookup names fields and at most one comparison.

    Regular expressions and transforms, such as `year`, raise errors of the database for many values.
    """
    name, *remaining = lookup.split("__")
    if not remaining:
        return True
    try:
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    if len(remaining) == 1 and remaining[0] in COMPARISONS:
        return True
    return field.is_relation and is_plain_lookup(field.related_model, "__".join(remaining))  # type: ignore[arg-type]  # a relation to a model, never to a name


def contains(*fields: str) -> tuple[str, ...]:
    """Return entries of `search_fields` that find parts of the fields, whatever their case and accents."""
    return tuple(f"{field}__{FoldedContains.lookup_name}" for field in fields)


class SafeListMixin(admin.ModelAdmin):
    """A model admin whose list answers any query string and any selection with a page, or with 400."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SafeChangeList

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return is_plain_lookup(self.model, lookup) and super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find rows by parts of the fields of `search_fields`, and by their words as the API's `q` does.

        Models without folded copies of their texts, such as users, are compared in Python while they have few rows.
        """
        if "\0" in search_term:  # PostgreSQL refuses it
            return queryset.none(), False
        rows, may_repeat = super().get_search_results(request, queryset, search_term)
        unfolded = [name for name in self.get_search_fields(request) if FoldedContains.lookup_name not in name]
        if search_term and unfolded == [*self.get_search_fields(request)]:
            # Django reads a comparison from the first character of a name.
            names = (name.lstrip("^=@") for name in unfolded)
            compared = [*queryset.values_list("pk", *names)[: MAX_COMPARED + 1]]
            words = fold(search_term).split()
            if words and len(compared) <= MAX_COMPARED:
                folded_texts = ((pk, fold("\n".join(str(value) for value in values))) for pk, *values in compared)
                ids = [pk for pk, text in folded_texts if all(word in text for word in words)]
                return queryset.filter(Q(pk__in=rows.values("pk")) | Q(pk__in=ids)), False
        if not search_term or self.model not in searched_models():
            return rows, may_repeat
        try:
            query = compile_query(parse(search_term))
        except QueryError:
            return rows, may_repeat
        matches = self.model._default_manager.filter(search_condition(query))
        return queryset.filter(Q(pk__in=rows.values("pk")) | Q(pk__in=matches.values("pk"))), False

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any) -> Any:
        """Run the action, or show the list with a warning if an id cannot exist: Django's query would fail."""
        if all(ID_PATTERN.fullmatch(value) for value in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            return super().response_action(request, queryset, *args, **kwargs)
        self.message_user(request, _("The selection cannot be read. No items have been changed."), WARNING)
        return None


def count_of(related: type[Model] | QuerySet[Any], path: str) -> Coalesce:
    """Return a subquery that counts the related rows of a row. `path` is the lookup from them to it.

    Several such counts can be annotated; joins to several relations would multiply each other's counts.
    """
    queryset = related if isinstance(related, QuerySet) else related._default_manager.all()
    counts = queryset.filter(**{path: OuterRef("pk")}).order_by().values(path).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts, output_field=IntegerField()), 0)


class ChoiceFilter(SimpleListFilter):
    """A filter by one of its `lookups`. Raises `IncorrectLookupParameters` for any other value."""

    def __init__(self, request: HttpRequest, params: Any, model: type[Model], model_admin: ModelAdmin) -> None:
        super().__init__(request, params, model, model_admin)
        if self.value() not in (None, *(value for value, _label in self.lookup_choices)):
            raise IncorrectLookupParameters


class EvidenceFilter(ChoiceFilter):
    """Rows that need a citation and have none, or that have one."""

    title = _("evidence")
    parameter_name = "evidence"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        return [("none", _("without a citation")), ("some", _("with a citation"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        model = queryset.model
        conditions = {"none": Q(pk__in=uncited(model).values("pk")), "some": Q(has_citation(model))}
        condition = conditions.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)


UNCERTAIN = "uncertain"  # the only value of `UncertainDatesFilter`


class UncertainDatesFilter(ChoiceFilter):
    """Rows with a stated date that is not exactly one day."""

    title = _("dates")
    parameter_name = "dates"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        return [(UNCERTAIN, _("not known to the day"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(self.condition(queryset.model)) if self.value() == UNCERTAIN else queryset

    def condition(self, model: type[Model]) -> Q:
        condition = Q()
        for field in model._meta.concrete_fields:
            if isinstance(field, Edtf):
                first, last = f"{field.name}_earliest", f"{field.name}_latest"
                condition |= ~Q((field.name, "")) & (
                    Q((f"{first}__isnull", True)) | Q((f"{last}__isnull", True)) | ~Q((first, F(last)))
                )
        return condition


def open_renewals(choice: str, today: date) -> Any:
    """Return the open renewals of a choice of `DueFilter`; None if it is not one of these."""
    renewals: Any = Renewal.objects.filter(status__in=OPEN)
    choices = {
        "overdue": renewals.overdue(overdue=True, on=today),
        "soon": renewals.due_within(SOON, today),
        "open": renewals,
        "undated": renewals.date_unknown("due", unknown=True),
    }
    return choices.get(choice)


class RelatedFilter(SimpleListFilter):
    """Rows of one related object. It is listed only while in use: a sidebar has no room for every agreement."""

    relation: str

    def __init__(self, request: HttpRequest, params: Any, model: type[Model], model_admin: ModelAdmin) -> None:
        if self.title is None:
            self.title = model._meta.get_field(self.relation).verbose_name  # type: ignore[union-attr]  # a relation of ours has a verbose name
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        value = self.value()
        if value is None:
            return []
        if not ID_PATTERN.fullmatch(value):
            raise IncorrectLookupParameters
        model: Any = model_admin.model._meta.get_field(self.relation).related_model
        return [(value, str(visible_rows(model._default_manager, request.user).filter(pk=value).first() or value))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(Q((self.relation, self.value()))) if self.value() else queryset


def related_filter(relation: str) -> type[RelatedFilter]:
    """Return a filter by the id of a related object, whose parameter is the name of the relation."""
    attributes = {"relation": relation, "parameter_name": relation}
    return type(f"{relation.title()}Filter", (RelatedFilter,), attributes)
