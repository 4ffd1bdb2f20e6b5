"""The base of every admin of the domain: how rows are listed, typed, saved, deleted and linked to each other."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, IntegrityError, transaction
from django.db.models import DecimalField, IntegerField, Model, QuerySet, URLField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext_lazy as _

from accords.admin import exports, history, warnings
from accords.admin.autocomplete import RelatedSelect, RelatedSelectMultiple, clean_id, has_agreement
from accords.admin.deletions import deleted_objects, own_rows
from accords.admin.display import badge, change_url, link, list_url, parents_of, with_code
from accords.admin.edit_conflicts import SHOWN_FIELD, SHOWN_GROUP
from accords.admin.forms import (
    RecordForm,
    RecordFormSet,
    VerbatimField,
    VocabularySelect,
    meanings_of,
    text_input,
    textarea,
)
from accords.admin.in_place import save_once
from accords.admin.lists import SafeListMixin, count_of
from accords.admin.numbers import TypedDecimalField, TypedIntegerField
from accords.admin.refusals import is_confirmed, is_read_only, refusal
from accords.admin.titles import NEW
from accords.db.fields import Country, Duration, Edtf, Language, Line, StringList, Text
from accords.db.integrity_errors import explain
from accords.models import Agreement, Citation, Clause, Event, Party, Renewal, Source, Statement
from accords.models.agreements import ReadingDay
from accords.services import (
    NotPublisher,
    PublicationGuard,
    Uncited,
    affected_agreements,
    confirm,
    may_publish,
    own_drafts,
    renewals_changed,
)

MAX_INLINE_ROWS = 40
"""With more rows of a kind, a page links to their list instead of showing them."""

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


@dataclass(frozen=True)
class Section:
    """An entry of a page's navigation; `count` is the number of rows of a table."""

    url: str
    name: str
    count: int | None = None
    has_errors: bool = False


def derived_fields(model: type[Model]) -> list[str]:
    """Return the fields that nobody enters: bounds of dates, hashes, timestamps."""
    return [
        field.name for field in model._meta.concrete_fields if not field.editable and not isinstance(field, ReadingDay)
    ]


class FormFieldsMixin(admin.options.BaseModelAdmin):
    """How fields are typed, on a page and in a table: `widgets` names what differs from the type's own widget."""

    form: Any = RecordForm
    widgets: dict[str, Any] = {}
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
        URLField: {"assume_scheme": "https"},
    }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.widgets:
            kwargs["widget"] = self.widgets[db_field.name]
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.help_text = with_code(str(db_field.help_text))
        return field

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("widget", VocabularySelect(meanings_of(db_field)))
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("widget", RelatedSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("widget", RelatedSelectMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class RecordInline(FormFieldsMixin, admin.TabularInline):
    """Rows beneath another row: one line each, with a link to their own page."""

    formset = RecordFormSet
    extra = 0
    show_change_link = True
    select_related: tuple[str, ...] = ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave related rows an "add" button only: to change them there are their own pages."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return the fields; the hidden input that detects conflicts of edits only for those who may change rows."""
        names = [name for name in super().get_fields(request, obj) if name != SHOWN_FIELD]
        return [*names, SHOWN_FIELD] if self.has_change_permission(request, obj) else names

    def has_add_permission(self, request: HttpRequest, obj: Any) -> bool:  # type: ignore[override]
        return super().has_add_permission(request, obj) and not is_read_only(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not is_read_only(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if is_read_only(request, obj):
            return False
        return super().has_delete_permission(request, obj) or bool(
            obj and obj.pk and own_rows(request, obj, self.model)
        )

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.request, formset.admin_site = request, self.admin_site
        if obj and obj.pk and not super().has_delete_permission(request, obj):
            formset.deletable = own_rows(request, obj, self.model)
        return formset

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request).select_related(*self.select_related)
        return queryset.select_for_update(of=("self",)) if request.method == "POST" else queryset


class RecordAdmin(SafeListMixin, FormFieldsMixin, admin.ModelAdmin):
    """The admin of a model of the domain."""

    list_per_page = 50
    show_full_result_count = False

    @property
    def add_title(self) -> Any:
        return NEW.get(self.opts.model_name or "", self.opts.verbose_name)

    def get_urls(self) -> list[Any]:
        return [*history.urls(self), *exports.urls(self), *super().get_urls()]

    # Lists

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Annotate each row with the number of rows of every kind beneath it: `n_clause`, `n_citation`."""
        counts = {
            f"n_{inline.model._meta.model_name}": count_of(inline.model, self.opts.model_name or "")
            for inline in self.inlines
        }
        return super().get_queryset(request).annotate(**counts)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        links = {"deleted_url": history.deleted_url(self), "exports": exports.links(self), "add_title": self.add_title}
        try:
            return super().changelist_view(request, links | (extra_context or {}))
        except IntegrityError as error:  # an action deletes what somebody has just begun to refer to
            return self._refused(request, explain(error))
        except (NotPublisher, Uncited) as error:
            return self._refused(request, refusal(error))

    # Pages

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Lock the row before it is read to be changed, and its agreement first: saves of one agreement take turns."""
        if request.method == "POST":
            rows = self.model._base_manager.filter(pk=clean_id(object_id)).order_by().select_for_update()
            if any(field.name == "agreement" for field in self.opts.concrete_fields):
                agreements = Agreement._base_manager.filter(pk__in=rows.values("agreement")).order_by("pk")
                list(agreements.select_for_update().values_list("pk"))
            list(rows.values_list("pk"))
        return super().get_object(request, object_id, from_field)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *derived_fields(self.model), "warnings"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [name for name in super().get_fields(request, obj) if name != SHOWN_FIELD]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Add to the declared groups, for a row that exists, warnings above them and derived fields below them."""
        groups = [*super().get_fieldsets(request, obj)]
        if obj is None:
            return groups
        if self.has_change_permission(request, obj):
            groups.append(SHOWN_GROUP)
        entries = (entry for _heading, group in groups for entry in group["fields"])
        shown = {name for entry in entries for name in ([entry] if isinstance(entry, str) else entry)}
        rest = [name for name in derived_fields(self.model) if name not in shown]
        pairs = [tuple(rest[start : start + 2]) for start in range(0, len(rest), 2)]
        groups.append((_("Computed fields"), {"classes": ["collapse"], "fields": pairs}))
        if warnings.of_page(obj):
            groups.insert(0, (None, {"fields": ("warnings",), "classes": ["warnings"]}))
        return groups

    @admin.display(description=_("check"))
    def warnings(self, obj: Any) -> SafeString:
        return warnings.as_list(warnings.of_page(obj))

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [inline for inline in super().get_inlines(request, obj) if self._fits(request, obj, inline)]

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        inlines = super().get_inline_instances(request, obj)
        for inline in inlines if obj else []:
            inline.verbose_name_plural = f"{inline.verbose_name_plural} ({getattr(obj, f'n_{inline.opts.model_name}')})"
        return inlines

    def _fits(self, request: HttpRequest, obj: Any, inline: Any) -> bool:
        """Return whether a page shows its rows of a kind: those that were just sent in any number."""
        prefix = inline.model._meta.get_field(self.opts.model_name or "").remote_field.get_accessor_name()
        return (
            getattr(obj, f"n_{inline.model._meta.model_name}", 0) <= MAX_INLINE_ROWS
            or f"{prefix}-TOTAL_FORMS" in request.POST
        )

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Add the navigation within the page, links to lists of rows too many for it, and the address in the API."""
        obj: Any = context.get("original")
        groups = [
            Section(f"#fieldset-0-{number}-heading", str(group.name), None, any(line.errors() for line in group))
            for number, group in enumerate(context["adminform"])
            if group.name
        ]
        tables = [
            Section(
                f"#{inline.formset.prefix}-heading",
                str(inline.opts.opts.verbose_name_plural),
                inline.formset.initial_form_count(),
                inline.formset.is_bound and not inline.formset.is_valid(),
            )
            for inline in context["inline_admin_formsets"]
        ]
        too_many = [inline.model for inline in self.inlines if obj and not self._fits(request, obj, inline)]
        elsewhere = [
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
        added = {
            "sections": [*groups, *tables],
            "elsewhere": elsewhere,
            "api_url": api_url,
            "form_id": str(uuid4()),  # see save_once
            "came_from": self.came_from(request),
            "breadcrumbs": self.breadcrumbs(request, obj),
            **({} if obj else {"title": self.add_title}),
        }
        return super().render_change_form(request, context | added, *args, **kwargs)

    def breadcrumbs(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Return the way to a page through the rows that its own is part of, as addresses and names."""
        parents = parents_of(obj) if obj else []
        crumbs: list[tuple[str, str]] = []
        for row in [*parents, obj]:
            model = type(row) if row else self.model
            may_view = self.admin_site.get_model_admin(model).has_view_permission(request, row)
            filter_name = "of_agreement" if model is Citation else "agreement"
            within = {filter_name: parents[0].pk} if row is obj and parents and has_agreement(model) else {}
            if row is obj or not crumbs:
                crumbs.append(
                    (list_url(model, **within) if may_view else "", capfirst(model._meta.verbose_name_plural))
                )
            if row:
                address = change_url(row) if may_view and row is not obj else ""
                crumbs.append((address, Truncator(str(row)).words(18)))
        return crumbs if obj else [*crumbs, ("", str(self.add_title))]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the initial values that the address gives; ids that cannot exist select nothing."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        for name, value in initial.items():
            try:
                is_relation = self.opts.get_field(name).is_relation
            except FieldDoesNotExist:
                continue
            if is_relation:
                initial[name] = [clean_id(item) for item in value] if isinstance(value, list) else clean_id(value)
        return initial

    # Saving and deleting

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        fields: Any = self.model._meta.concrete_fields
        # Django takes them from here where nothing can be typed.
        kwargs["help_texts"] = {field.name: with_code(str(field.help_text)) for field in fields}
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.database_error = getattr(request, "database_error", "")
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Save a form once, and show what only the database refused on its page, with everything that was typed."""
        page = partial(super().changeform_view, request, object_id, form_url, extra_context)
        if request.method != "POST":
            return page()
        if object_id is not None and (deleted_page := history.deleted_meanwhile(self, request, object_id)):
            return deleted_page
        try:
            return save_once(request, page)
        except (IntegrityError, DataError) as error:
            request.database_error = explain(error)  # type: ignore[attr-defined]
        except (NotPublisher, Uncited) as error:
            request.database_error = refusal(error)  # type: ignore[attr-defined]
        return page()

    def came_from(self, request: HttpRequest) -> str:
        """Return the address in the admin from which the form was opened; blank for other pages of its model."""
        posted, from_query = request.POST.get("came_from"), request.GET.get("came_from")
        referer = urlsplit(request.headers.get("Referer", ""))
        opened_from = urlunsplit(("", "", referer.path, referer.query, ""))
        address = posted or from_query or (opened_from if referer.netloc == request.get_host() else "")
        own, path = list_url(self.model), address.partition("?")[0]
        is_in_admin = address.startswith(reverse("admin:index")) and url_has_allowed_host_and_scheme(address, None)
        is_own = path.startswith(own) and path != own
        return address if is_in_admin and not is_own and path != reverse("admin:login") else ""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        response = super().response_add(request, obj, post_url_continue)
        warnings.add_message(self, request, obj)
        return self._remember(request, response)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        response = super().response_change(request, obj)
        warnings.add_message(self, request, obj)
        return self._remember(request, response)

    def _remember(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Take the address to return to along to the next form."""
        is_form = "_continue" in request.POST or "_addanother" in request.POST
        if is_form and isinstance(response, HttpResponseRedirect) and (address := self.came_from(request)):
            separator = "&" if "?" in response.url else "?"
            response["Location"] = f"{response.url}{separator}{urlencode({'came_from': address})}"
        return response

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self._return(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self._return(request, obj) or super().response_post_save_change(request, obj)

    def _return(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect | None:
        """Return to where the form was opened, at the table of such rows; None if that is not known."""
        address = self.came_from(request)
        for parent in parents_of(obj):
            relations = parent._meta.related_objects
            relation = next((relation for relation in relations if relation.related_model is self.model), None)
            if relation and address.partition("?")[0] == change_url(parent):
                address += f"#{relation.get_accessor_name()}-heading"
        return HttpResponseRedirect(address) if address else None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep on the form what `save_related` needs of the row as it is still stored.

        `affected` are the agreements whose renewals depend on it, for it may be moved to another one; `guard` has to
        see it before it is changed.
        """
        stored = self.model._default_manager.filter(pk=obj.pk).first() if change else None
        form.affected = affected_agreements(stored) if stored else set()
        form.guard = PublicationGuard(may_publish(request.user), [stored] if stored else [])
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Recompute the renewals that depend on the row and its inlines, and check the evidence of what is public."""
        form.guard.watch(row.instance for formset in formsets for row in formset.initial_forms if row.has_changed())
        super().save_related(request, form, formsets, change)
        forms = [form, *(row for formset in formsets for row in formset.forms)]
        if kept_labels := {str(row.fields[name].label) for row in forms for name in row.kept_from_others}:
            text = _("Kept what others changed meanwhile: %s.") % ", ".join(sorted(kept_labels))
            self.message_user(request, text, messages.INFO)
        renewals_changed(form.affected | affected_agreements(form.instance), on=timezone.localdate())
        saved = [
            row for formset in formsets for row in (*formset.new_objects, *(obj for obj, _ in formset.changed_objects))
        ]
        confirm(
            [row for formset in formsets for row in formset.new_objects if isinstance(row, Citation)]
            + [row.instance for formset in formsets for row in formset.forms if is_confirmed(row)]
        )
        form.guard.check([form.instance, *saved])

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        affected, guard = affected_agreements(obj), PublicationGuard(may_publish(request.user), [obj])
        super().delete_model(request, obj)
        renewals_changed(affected, on=timezone.localdate())
        guard.check()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        rows = list(queryset)
        affected: set[int | None] = set().union(*map(affected_agreements, rows))
        guard = PublicationGuard(may_publish(request.user), rows)
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            renewals_changed(affected, on=timezone.localdate())
            guard.check()

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except IntegrityError as error:
            return self._refused(request, explain(error))
        except (NotPublisher, Uncited) as error:
            return self._refused(request, refusal(error))

    def _refused(self, request: HttpRequest, text: str) -> HttpResponse:
        self.message_user(request, text, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not is_read_only(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow editors to delete what they themselves entered in a draft."""
        if is_read_only(request, obj):
            return False
        if super().has_delete_permission(request, obj):
            return True
        is_own = obj is not None and history.is_recorded(self) and self.has_change_permission(request, obj)
        return is_own and obj.pk in own_drafts(request.user, self.model._default_manager.filter(pk=obj.pk))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, ...]:
        return deleted_objects(objs, request, self.admin_site)

    # Columns

    @admin.display(description=_("lists"))
    def related_lists(self, obj: Any) -> SafeString | str:
        """Return links to the lists of rows beneath, each with their number."""
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
