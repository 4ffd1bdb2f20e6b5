"""The base classes of the model admins and inlines: lists, forms, saving, deleting, and links between pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, IntegrityError, transaction
from django.db.models import DecimalField, Field, ForeignKey, IntegerField, ManyToManyField, Model, QuerySet, URLField
from django.forms import ModelChoiceField, ModelForm, ModelMultipleChoiceField, TypedChoiceField, Widget
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext_lazy as _

from accords.admin import exports, history
from accords.admin.autocomplete import RelatedSelect, RelatedSelectMultiple, clean_id, has_agreement, visible_rows
from accords.admin.deletions import deleted_objects, own_row_ids
from accords.admin.display import badge, change_url, link, list_url, parents_of, with_code
from accords.admin.edit_conflicts import SHOWN_FIELD, SHOWN_GROUP
from accords.admin.forms import (
    RecordForm,
    RecordFormSet,
    VerbatimField,
    VocabularySelect,
    text_input,
    textarea,
    word_meanings,
)
from accords.admin.in_place import save_once
from accords.admin.lists import SafeListMixin, count_of
from accords.admin.numbers import TypedDecimalField, TypedIntegerField
from accords.admin.refusals import is_confirmed, is_read_only, refusal_message
from accords.admin.titles import ADD_TITLES
from accords.admin.warnings import add_warning_message, page_warnings, warning_list
from accords.db.fields import Country, Duration, Edtf, Language, Line, StringList, Text
from accords.db.integrity_errors import explain
from accords.models import Agreement, Citation, Clause, Event, Party, Renewal, Source, Statement
from accords.models.agreements import ReadingDay
from accords.models.base import can_view_drafts
from accords.services import (
    PublicationGuard,
    RefusedWrite,
    affected_agreements,
    check_computed_renewals,
    confirm,
    may_publish,
    own_drafts,
    renewals_changed,
)

MAX_INLINE_ROWS = 40
"""An inline with more rows is not shown: the page links to the list of these rows instead."""

DATE_FIELDS = {"due", "offset", "basis", "kind", "sequence"}
"""The fields of a renewal from which its date follows, or its place among those that are computed."""

RESOURCES: dict[type[Model], str] = {
    Agreement: "agreements",
    Citation: "citations",
    Clause: "clauses",
    Event: "events",
    Party: "parties",
    Renewal: "renewals",
    Source: "sources",
    Statement: "statements",
}
"""The names of models in the addresses of the API. Other models have no page there."""


@dataclass(frozen=True)
class Section:
    """An entry of the navigation within a page: a fieldset, or an inline with the number of its rows (`count`)."""

    url: str
    name: str
    count: int | None = None
    has_errors: bool = False


def derived_fields(model: type[Model]) -> list[str]:
    """Return the names of the fields that are computed and worth showing: bounds of dates, hashes, timestamps."""
    return [
        field.name for field in model._meta.concrete_fields if not field.editable and not isinstance(field, ReadingDay)
    ]


def clear_hidden_references(obj: Model, user: User | AnonymousUser) -> None:
    """Clear the relations of an instance, which is only shown, to rows that the user may not see."""
    for field in obj._meta.concrete_fields:
        if field.is_relation and (pk := getattr(obj, field.attname)):
            related: Any = field.related_model
            if not visible_rows(related._default_manager, user).filter(pk=pk).exists():
                setattr(obj, field.name, None)


class FormFieldsMixin(admin.options.BaseModelAdmin):
    """A model admin or an inline with a form field and a widget for each type of model field.

    `widgets` has, by name, the widgets of those fields that need another one.
    """

    form: type[ModelForm] = RecordForm
    widgets: dict[str, Widget] = {}
    formfield_overrides = {
        Country: {"widget": text_input(4, placeholder="CN")},
        DecimalField: {"form_class": TypedDecimalField, "widget": TypedDecimalField.widget},
        Duration: {"widget": text_input(12, placeholder="P1Y")},
        Edtf: {"widget": text_input(24, placeholder="2025-10-30, 2025-10, XXXX-04")},
        IntegerField: {"form_class": TypedIntegerField, "widget": TypedIntegerField.widget},
        Language: {"widget": text_input(8, placeholder="fr")},
        StringList: {"widget": textarea(3, 40)},
        Line: {"widget": text_input(60)},
        Text: {"form_class": VerbatimField, "widget": textarea(4, 90)},
        URLField: {"assume_scheme": "https"},  # the default of Django 6, about which Django 5 warns
    }

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.widgets:
            kwargs["widget"] = self.widgets[db_field.name]
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.help_text = with_code(str(db_field.help_text))
        return field

    def formfield_for_choice_field(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> TypedChoiceField | None:
        kwargs.setdefault("widget", VocabularySelect(word_meanings(db_field)))
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        options = self._related_row_options(RelatedSelect, db_field, request)
        return super().formfield_for_foreignkey(db_field, request, **options | kwargs)

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField | None:
        options = self._related_row_options(RelatedSelectMultiple, db_field, request)
        return super().formfield_for_manytomany(db_field, request, **options | kwargs)

    def _related_row_options(self, widget_class: Any, db_field: Any, request: HttpRequest) -> dict[str, Any]:
        """Return the widget of a relation, and the rows to which it may lead: those that the user may see."""
        widget = widget_class(db_field, self.admin_site)
        widget.shows_drafts = can_view_drafts(request.user)
        return {"widget": widget, "queryset": visible_rows(db_field.related_model._default_manager, request.user)}


class RecordInline(FormFieldsMixin, admin.TabularInline):
    """A table of related rows on the page of the row to which they belong, each with a link to its own page."""

    formset = RecordFormSet
    extra = 0
    show_change_link = True
    select_related: tuple[str, ...] = ()

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave only the “add” button beside a choice of related rows: they are changed on their own pages."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Return the fields, with the hidden input that detects edit conflicts only if the user may change rows."""
        names = [name for name in super().get_fields(request, obj) if name != SHOWN_FIELD]
        return [*names, SHOWN_FIELD] if self.has_change_permission(request, obj) else names

    def has_add_permission(self, request: HttpRequest, obj: Model | None) -> bool:  # type: ignore[override]  # Django passes inlines the parent row
        return super().has_add_permission(request, obj) and not is_read_only(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not is_read_only(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Allow deleting also if any of the rows are the user's own drafts; `get_formset` limits it to these."""
        if is_read_only(request, obj):
            return False
        return super().has_delete_permission(request, obj) or bool(
            obj and obj.pk and own_row_ids(request, obj, self.model)
        )

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        """Set on the class of the form set, which Django creates for each request, what its `clean` needs."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.request, formset.admin_site = request, self.admin_site
        if obj and obj.pk and not super().has_delete_permission(request, obj):
            formset.deletable_ids = own_row_ids(request, obj, self.model)
        return formset

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Lock the rows of a form that is saved, but not their related rows: PostgreSQL cannot lock an outer join."""
        queryset = super().get_queryset(request).select_related(*self.select_related)
        return queryset.select_for_update(of=("self",)) if request.method == "POST" else queryset


class RecordAdmin(SafeListMixin, FormFieldsMixin, admin.ModelAdmin):
    """The base of the project's model admins."""

    list_per_page = 50
    show_full_result_count = False  # it is a query that counts all rows

    @property
    def add_title(self) -> Any:
        return ADD_TITLES.get(self.opts.model_name or "", self.opts.verbose_name)

    def get_urls(self) -> list[URLPattern]:
        return [*history.urls(self), *exports.urls(self), *super().get_urls()]

    # Lists

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the user may see, with the number of rows of each inline: `n_clause`, `n_citation`."""
        counts = {
            f"n_{inline.model._meta.model_name}": count_of(inline.model, self.opts.model_name or "")
            for inline in self.inlines
        }
        rows: QuerySet[Any] = visible_rows(super().get_queryset(request), request.user)
        return rows.annotate(**counts)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        deleted_url = history.deleted_url(self) if can_view_drafts(request.user) else ""
        links = {"deleted_url": deleted_url, "exports": exports.links(self), "add_title": self.add_title}
        try:
            return super().changelist_view(request, links | (extra_context or {}))
        except IntegrityError as error:  # an action deletes rows to which somebody has just added a reference
            return self._redirect_with_error(request, explain(error))
        except RefusedWrite as error:
            return self._redirect_with_error(request, refusal_message(error))

    # Pages

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        """Lock the row before a POST reads it, and its agreement first: saves of one agreement take turns.

        A page that only shows the row leaves out its references to rows that the user may not see.
        """
        if request.method == "POST":
            rows = self.model._base_manager.filter(pk=clean_id(object_id)).order_by().select_for_update()
            # `list` runs the queries.
            if has_agreement(self.model):
                agreements = Agreement._base_manager.filter(pk__in=rows.values("agreement")).order_by("pk")
                list(agreements.select_for_update().values_list("pk"))
            list(rows.values_list("pk"))
        obj = super().get_object(request, object_id, from_field)
        hides_drafts = request.method != "POST" and not can_view_drafts(request.user)
        if obj and hides_drafts and not self.has_change_permission(request, obj):
            clear_hidden_references(obj, request.user)
        return obj

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *derived_fields(self.model), "warnings"]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Leave out the hidden input that detects edit conflicts: `get_fieldsets` adds its own group."""
        return [name for name in super().get_fields(request, obj) if name != SHOWN_FIELD]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Add for a stored row the warnings above the declared groups, and the remaining derived fields below them."""
        groups = [*super().get_fieldsets(request, obj)]
        if obj is None:
            return groups
        if self.has_change_permission(request, obj):
            groups.append(SHOWN_GROUP)
        lines = (line for _heading, group in groups for line in group["fields"])
        declared = {name for line in lines for name in ([line] if isinstance(line, str) else line)}
        remaining = [name for name in derived_fields(self.model) if name not in declared]
        pairs = [tuple(remaining[start : start + 2]) for start in range(0, len(remaining), 2)]  # two on a line
        groups.append((_("Computed fields"), {"classes": ["collapse"], "fields": pairs}))
        if page_warnings(obj):
            groups.insert(0, (None, {"fields": ("warnings",), "classes": ["warnings"]}))
        return groups

    @admin.display(description=_("check"))
    def warnings(self, obj: Model) -> SafeString:
        return warning_list(page_warnings(obj))

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list[type[admin.options.InlineModelAdmin]]:
        return [inline for inline in super().get_inlines(request, obj) if self._shows_inline(request, obj, inline)]

    def get_inline_instances(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[admin.options.InlineModelAdmin]:
        """Add the number of rows to the heading of each inline."""
        inlines = super().get_inline_instances(request, obj)
        for inline in inlines if obj else []:
            inline.verbose_name_plural = f"{inline.verbose_name_plural} ({getattr(obj, f'n_{inline.opts.model_name}')})"
        return inlines

    def _shows_inline(
        self, request: HttpRequest, obj: Model | None, inline: type[admin.options.InlineModelAdmin]
    ) -> bool:
        """Return whether a page shows an inline: it has at most `MAX_INLINE_ROWS` rows, or its rows were just sent."""
        prefix = inline.model._meta.get_field(self.opts.model_name or "").remote_field.get_accessor_name()
        return (
            getattr(obj, f"n_{inline.model._meta.model_name}", 0) <= MAX_INLINE_ROWS
            or f"{prefix}-TOTAL_FORMS" in request.POST
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the navigation within the page, links to lists of rows too many for it, and the address in the API."""
        obj: Any = context.get("original")
        groups = [
            # The ids of headings are those of Django's templates.
            Section(f"#fieldset-0-{index}-heading", str(group.name), None, any(line.errors() for line in group))
            for index, group in enumerate(context["adminform"])
            if group.name
        ]
        inlines = [
            Section(
                f"#{inline.formset.prefix}-heading",
                str(inline.opts.opts.verbose_name_plural),
                inline.formset.initial_form_count(),
                inline.formset.is_bound and not inline.formset.is_valid(),
            )
            for inline in context["inline_admin_formsets"]
        ]
        too_many = [inline.model for inline in self.inlines if obj and not self._shows_inline(request, obj, inline)]
        links_to_lists = [
            Section(
                list_url(model, **{self.opts.model_name or "": obj.pk}),
                str(model._meta.verbose_name_plural),
                getattr(obj, f"n_{model._meta.model_name}"),
            )
            for model in too_many
            if self.admin_site.get_model_admin(model).has_view_permission(request)
        ]
        resource = RESOURCES.get(self.model)
        api_url = reverse(f"{resource}-detail", args=[getattr(obj, "slug", obj.pk)]) if obj and resource else ""
        page_context = {
            "sections": [*groups, *inlines],
            "elsewhere": links_to_lists,
            "api_url": api_url,
            "form_id": str(uuid4()),  # see save_once
            "came_from": self.came_from(request),
            "breadcrumbs": self.breadcrumbs(request, obj),
            **({} if obj else {"title": self.add_title}),
        }
        return super().render_change_form(request, context | page_context, *args, **kwargs)

    def breadcrumbs(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Return the addresses and names of the pages that lead to a page, and of the page itself.

        These are the list of agreements, the rows of which the page's row is part, and the list of its own model within
        its agreement. The address is blank for the page itself and for pages that the user may not view. Rows that the
        user may not see are left out.
        """
        parents: list[Any] = parents_of(obj) if obj else []
        if not can_view_drafts(request.user):
            parents = [row for row in parents if type(row).objects.visible_to(request.user).filter(pk=row.pk).exists()]
        crumbs: list[tuple[str, str]] = []
        for row in [*parents, obj]:
            model = type(row) if row else self.model
            may_view = self.admin_site.get_model_admin(model).has_view_permission(request, row)
            filter_name = "of_agreement" if model is Citation else "agreement"
            list_filters = {filter_name: parents[0].pk} if row is obj and parents and has_agreement(model) else {}
            if row is obj or not crumbs:
                address = list_url(model, **list_filters) if may_view else ""
                crumbs.append((address, capfirst(model._meta.verbose_name_plural)))
            if row:
                address = change_url(row) if may_view and row is not obj else ""
                crumbs.append((address, Truncator(str(row)).words(18)))
        return crumbs if obj else [*crumbs, ("", str(self.add_title))]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        """Return the initial values of the query string. An id that cannot exist selects nothing."""
        initial = super().get_changeform_initial_data(request)
        for name, value in initial.items():
            try:
                is_relation = self.opts.get_field(name).is_relation
            except FieldDoesNotExist:
                continue
            if is_relation:
                initial[name] = [clean_id(item) for item in value] if isinstance(value, list) else clean_id(value)
        return initial

    # Saving and deleting

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        fields: Iterable[Field] = self.model._meta.concrete_fields
        # Django reads the help texts of read-only fields from here.
        kwargs["help_texts"] = {field.name: with_code(str(field.help_text)) for field in fields}
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.save_error = getattr(request, "save_error", "")
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Save a form once. After an error of the save itself, show the page with its message and all that was typed.

        Such an error comes from the database or from `accords.services`, after the form was valid.
        """
        page = partial(super().changeform_view, request, object_id, form_url, extra_context)
        if request.method != "POST":
            return page()
        if object_id is not None and (response := history.deleted_row_response(self, request, object_id)):
            return response
        try:
            return save_once(request, page)
        except (IntegrityError, DataError) as error:
            request.save_error = explain(error)  # type: ignore[attr-defined]  # kept for `get_form`
        except RefusedWrite as error:
            request.save_error = refusal_message(error)  # type: ignore[attr-defined]  # kept for `get_form`
        return page()

    def came_from(self, request: HttpRequest) -> str:
        """Return the address in the admin from which the form was opened; blank if it is another form of its model."""
        posted, from_query = request.POST.get("came_from"), request.GET.get("came_from")
        try:
            referer = urlsplit(request.headers.get("Referer", ""))
        except ValueError:  # no address, such as http://[x/
            referer = urlsplit("")
        opened_from = urlunsplit(("", "", referer.path, referer.query, ""))
        address = posted or from_query or (opened_from if referer.netloc == request.get_host() else "")
        own_list, path = list_url(self.model), address.partition("?")[0]
        is_in_admin = address.startswith(reverse("admin:index")) and url_has_allowed_host_and_scheme(address, None)
        is_own_form = path.startswith(own_list) and path != own_list
        return address if is_in_admin and not is_own_form and path != reverse("admin:login") else ""

    def response_add(self, request: HttpRequest, obj: Model, post_url_continue: str | None = None) -> HttpResponse:
        response = super().response_add(request, obj, post_url_continue)
        add_warning_message(self, request, obj)
        return self._with_came_from(request, response)

    def response_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        response = super().response_change(request, obj)
        add_warning_message(self, request, obj)
        return self._with_came_from(request, response)

    def _with_came_from(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Add `came_from` to the address of a response that redirects to another form."""
        is_form = "_continue" in request.POST or "_addanother" in request.POST
        if is_form and isinstance(response, HttpResponseRedirect) and (address := self.came_from(request)):
            separator = "&" if "?" in response.url else "?"
            response["Location"] = f"{response.url}{separator}{urlencode({'came_from': address})}"
        return response

    def response_post_save_add(self, request: HttpRequest, obj: Model) -> HttpResponseRedirect:
        return self._redirect_back(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Model) -> HttpResponseRedirect:
        return self._redirect_back(request, obj) or super().response_post_save_change(request, obj)

    def _redirect_back(self, request: HttpRequest, obj: Model) -> HttpResponseRedirect | None:
        """Return a redirect to where the form was opened, at the inline of its model; None if that is not known."""
        address = self.came_from(request)
        for parent in parents_of(obj):
            relations = parent._meta.related_objects
            relation = next((relation for relation in relations if relation.related_model is self.model), None)
            if relation and address.partition("?")[0] == change_url(parent):
                address += f"#{relation.get_accessor_name()}-heading"
        return HttpResponseRedirect(address) if address else None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Set on the form what `save_related` needs to know about the row before it is changed.

        `affected_ids` are the agreements whose renewals depend on the stored row, which may now move to another one.
        `guard` notes whether the stored row is public and cited.
        """
        stored = self.model._default_manager.filter(pk=obj.pk).first() if change else None
        form.affected_ids = affected_agreements(stored) if stored else set()
        form.guard = PublicationGuard(may_publish(request.user), [stored] if stored else [])
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Recompute the renewals that depend on the row and its inlines, and check permission and evidence.

        Citations that are new or confirmed support what the saved row states now.
        """
        form.guard.watch(
            inline_form.instance
            for formset in formsets
            for inline_form in formset.initial_forms
            if inline_form.has_changed()
        )
        super().save_related(request, form, formsets, change)
        inline_forms = [inline_form for formset in formsets for inline_form in formset.forms]
        kept_labels = {
            str(saved_form.fields[name].label)
            for saved_form in (form, *inline_forms)
            for name in saved_form.kept_from_others
        }
        if kept_labels:
            message = _("Kept what others changed meanwhile: %s.") % ", ".join(sorted(kept_labels))
            self.message_user(request, message, messages.INFO)
        renewals_changed(form.affected_ids | affected_agreements(form.instance), on=timezone.localdate())
        new_rows = [row for formset in formsets for row in formset.new_objects]
        changes = [change for formset in formsets for change in formset.changed_objects]
        changed_rows = [row for row, _names in changes]
        check_computed_renewals(
            written=[form.instance, *new_rows, *(row for row, names in changes if DATE_FIELDS & {*names})],
            undated=[row for row, names in changes if not DATE_FIELDS & {*names}],
            deleted=[row for formset in formsets for row in formset.deleted_objects],
        )
        confirm(
            [row for row in new_rows if isinstance(row, Citation)]
            + [inline_form.instance for inline_form in inline_forms if is_confirmed(inline_form)]
        )
        form.guard.check([form.instance, *new_rows, *changed_rows])

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        affected_ids, guard = affected_agreements(obj), PublicationGuard(may_publish(request.user), [obj])
        super().delete_model(request, obj)
        renewals_changed(affected_ids, on=timezone.localdate())
        check_computed_renewals(deleted=[obj])
        guard.check()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        rows = list(queryset)
        affected_ids: set[int | None] = set().union(*map(affected_agreements, rows))
        guard = PublicationGuard(may_publish(request.user), rows)
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            renewals_changed(affected_ids, on=timezone.localdate())
            check_computed_renewals(deleted=rows)
            guard.check()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except IntegrityError as error:
            return self._redirect_with_error(request, explain(error))
        except RefusedWrite as error:
            return self._redirect_with_error(request, refusal_message(error))

    def _redirect_with_error(self, request: HttpRequest, message: str) -> HttpResponse:
        self.message_user(request, message, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow adding rows that begin as drafts only to those who may view drafts: others would never see them."""
        hides_drafts = hasattr(self.model._default_manager, "published")
        return super().has_add_permission(request) and (not hides_drafts or can_view_drafts(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not is_read_only(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow users who may change the row to delete it also if it is a draft that they entered."""
        if is_read_only(request, obj):
            return False
        if super().has_delete_permission(request, obj):
            return True
        is_own = obj is not None and history.is_recorded(self) and self.has_change_permission(request, obj)
        return is_own and obj.pk in own_drafts(request.user, self.model._default_manager.filter(pk=obj.pk))

    def get_deleted_objects(
        self, objs: Iterable[Model], request: HttpRequest
    ) -> tuple[Any, dict[str, int], set[str], list[Any]]:
        return deleted_objects(objs, request, self.admin_site)

    # Columns

    @admin.display(description=_("lists"))
    def related_lists(self, obj: Model) -> SafeString | str:
        """Return a link to the list of the rows of each inline, with their number."""
        models = [inline.model for inline in self.inlines]
        links = [
            (
                link(list_url(model, **{self.opts.model_name or "": obj.pk}), model._meta.verbose_name_plural),
                getattr(obj, f"n_{model._meta.model_name}", 0),
            )
            for model in models
        ]
        return format_html_join(" · ", str(_("{}: {}")), links)

    @admin.display(description=_("citations"), ordering="n_citation")
    def evidence(self, obj: Any) -> SafeString | str:
        """Return the number of citations as a link to them, or a warning."""
        if not obj.n_citation:
            return badge(_("none"), "warn")
        return link(list_url(Citation, **{self.opts.model_name or "": obj.pk}), obj.n_citation)
