"""What every page of the admin has in common: the admin of one noun, and of rows beneath another row."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, IntegrityError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accords.admin import edit_conflicts
from accords.admin.autocomplete import ROW_ID, row_id
from accords.admin.deletions import what_goes
from accords.admin.display import badge, link, list_url
from accords.admin.exporting import Exporting
from accords.admin.forms import RecordFormSet
from accords.admin.history import Historied
from accords.admin.inputs import Typing
from accords.admin.lists import CheckedList, is_plain, tally
from accords.admin.sections import api_url, elsewhere, sections_of
from accords.db.integrity_errors import explain
from accords.models.agreements import ReadingDay
from accords.services import affected_agreements, renewals_changed

MOST_INLINE = 40
"""With more rows of a kind than that an agreement's page links to their list instead of showing them all."""


def derived(model: type[Model]) -> list[str]:
    """The fields that no one enters: bounds of dates, hashes, instants."""
    return [
        field.name for field in model._meta.concrete_fields if not field.editable and not isinstance(field, ReadingDay)
    ]


def seen(page: Any, request: HttpRequest, obj: Any) -> list[str]:
    """The field of the version that a form was made from, where an editor may overwrite a row."""
    return (
        [edit_conflicts.NAME]
        if obj and edit_conflicts.is_versioned(page.model) and page.has_change_permission(request, obj)
        else []
    )


def own_fields(names: Any) -> list[Any]:
    """Fields without that of the version."""
    return [name for name in names if name != edit_conflicts.NAME]


class RecordInline(Typing, admin.TabularInline):
    """Rows beneath another row: one line each, with a link to their own page."""

    formset = RecordFormSet
    extra = 0
    show_change_link = True
    joined: tuple[str, ...] = ()
    """The relations that a line names, fetched together with the rows."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Related rows can be added from a line; to change them there is their own page."""
        found = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(found, "widget", None), RelatedFieldWidgetWrapper):
            found.widget.can_change_related = found.widget.can_delete_related = found.widget.can_view_related = False
        return found

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Those of a line, and unseen the version that it was made from."""
        return [*own_fields(super().get_fields(request, obj)), *seen(self, request, obj)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows with what their lines name."""
        return super().get_queryset(request).select_related(*self.joined)


class RecordAdmin(Exporting, Typing, Historied):
    """The admin of one noun. What someone typed is never lost, and no address or input makes a page fail."""

    list_per_page = 50
    show_full_result_count = False

    # Reading

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows, each with the number of rows of every kind beneath it."""
        counts = {
            f"n_{one.model._meta.model_name}": tally(one.model, self.opts.model_name or "") for one in self.inlines
        }
        return super().get_queryset(request).annotate(**counts)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What is derived is shown, never typed."""
        return [*super().get_readonly_fields(request, obj), *derived(self.model)]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Those of the row itself."""
        return own_fields(super().get_fields(request, obj))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """The declared groups, and for a row that exists what is derived from them."""
        groups = [*super().get_fieldsets(request, obj)]
        if versions := seen(self, request, obj):
            groups.append((None, {"fields": versions, "classes": ["seen"]}))
        shown = {
            name
            for _heading, group in groups
            for entry in group["fields"]
            for name in ([entry] if isinstance(entry, str) else entry)
        }
        rest = [name for name in derived(self.model) if name not in shown]
        pairs = [tuple(rest[start : start + 2]) for start in range(0, len(rest), 2)]
        return [*groups, (_("Derived"), {"classes": ["collapse"], "fields": pairs})] if obj else groups

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """The kinds of rows beneath this one, without those too many for a page (unless they were just sent in)."""
        return [one for one in super().get_inlines(request, obj) if self._fits(request, obj, one)]

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """The rows beneath this one, headed by their number."""
        found = super().get_inline_instances(request, obj)
        for one in found if obj else []:
            one.verbose_name_plural = f"{one.verbose_name_plural} ({getattr(obj, f'n_{one.opts.model_name}')})"
        return found

    def _fits(self, request: HttpRequest, obj: Any, inline: Any) -> bool:
        prefix = inline.model._meta.get_field(self.opts.model_name or "").remote_field.get_accessor_name()
        return (
            getattr(obj, f"n_{inline.model._meta.model_name}", 0) <= MOST_INLINE
            or f"{prefix}-TOTAL_FORMS" in request.POST
        )

    def _too_many(self, request: HttpRequest, obj: Any) -> list[Any]:
        """The kinds of rows beneath this one that do not fit its page, as far as they may be seen."""
        found = [one.model for one in self.inlines if not self._fits(request, obj, one)]
        return [kind for kind in found if self.admin_site.get_model_admin(kind).has_view_permission(request)]

    @admin.display(description=_("lists"))
    def beneath(self, obj: Any) -> SafeString | str:
        """How many rows of each kind hang on it, as links to their lists."""
        kinds = [one.model for one in self.inlines]
        counts = [(kind, getattr(obj, f"n_{kind._meta.model_name}", 0)) for kind in kinds]
        links = [
            (link(list_url(kind, **{self.opts.model_name or "": obj.pk}), kind._meta.verbose_name_plural), n)
            for kind, n in counts
        ]
        return format_html_join(" · ", str(_("{}: {}")), links)

    @admin.display(description=_("citations"), ordering="n_citation")
    def evidence(self, obj: Any) -> SafeString:
        """How many citations support the row, as a link to them; none is a warning."""
        if not obj.n_citation:
            return badge(str(_("none")), "warn")
        return link(
            list_url(self.model._meta.get_field("citations").related_model, **{self.opts.model_name or "": obj.pk}),
            obj.n_citation,
        )

    # Lists and proposals

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CheckedList]:
        """The list that no address can break."""
        return CheckedList

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Refuse regular expressions and the like in addresses."""
        return is_plain(self.model, lookup) and super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """No text holds NUL, and PostgreSQL cannot be asked for it."""
        if "\0" in search_term:
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any) -> Any:
        """Rows are selected by ids that can be ids."""
        if all(ROW_ID.fullmatch(value) for value in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            return super().response_action(request, queryset, *args, **kwargs)
        self.message_user(request, _("The selection cannot be read. No items have been changed."), messages.WARNING)
        return None

    # Pages

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """The page, with its sections to jump to and the row's address in the API."""
        row = context.get("original")
        found = {
            "sections": sections_of(context["adminform"], context["inline_admin_formsets"]),
            "elsewhere": elsewhere(row, self._too_many(request, row)) if row else [],
            "api_url": api_url(row) if row else "",
        }
        return super().render_change_form(request, found | context, *args, **kwargs)

    # Writing

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What an address fills in beforehand, as far as it can be true."""
        return {
            name: self._prefilled(name, value) for name, value in super().get_changeform_initial_data(request).items()
        }

    def _prefilled(self, name: str, value: Any) -> Any:
        try:
            relation = self.opts.get_field(name).is_relation
        except FieldDoesNotExist:
            return value
        if not relation:
            return value
        return [row_id(one) for one in value] if isinstance(value, list) else row_id(value)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, which says again what the database said to these data, if they were tried."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "refusal", "")
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """A page to add or change a row: what only the database sees is told there too, with all that was typed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (IntegrityError, DataError) as error:
            if request.method != "POST":
                raise
            request.refusal = explain(error)  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Remember the agreements whose renewals depend on the stored row, which may be moved to another one."""
        stored = self.model._default_manager.filter(pk=obj.pk).first() if change else None
        form.affected = affected_agreements(stored) if stored else set()
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Recompute the renewals that depend on the row and its inlines."""
        super().save_related(request, form, formsets, change)
        renewals_changed(form.affected | affected_agreements(form.instance), on=timezone.localdate())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        affected = affected_agreements(obj)
        super().delete_model(request, obj)
        renewals_changed(affected, on=timezone.localdate())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        affected: set[int | None] = set().union(*map(affected_agreements, queryset))
        super().delete_queryset(request, queryset)
        renewals_changed(affected, on=timezone.localdate())

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """A page to delete a row, which says who needs it even if they came in the last moment."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except IntegrityError as error:
            return self._refused(request, error)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, whose actions say who needs a row even if they came in the last moment."""
        try:
            return super().changelist_view(request, extra_context)
        except IntegrityError as error:
            return self._refused(request, error)

    def _refused(self, request: HttpRequest, error: IntegrityError) -> HttpResponse:
        self.message_user(request, explain(error), messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, ...]:
        """What goes with these rows, found with a fixed number of queries."""
        return what_goes(objs, request, self.admin_site)
