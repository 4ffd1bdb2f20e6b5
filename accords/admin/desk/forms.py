"""The desk's forms: the selected passage, and short forms for new rows that it supports."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db.models import Model
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accords.admin.autocomplete import clean_id
from accords.admin.clauses import ClausePartyInline
from accords.admin.desk.texts import form_titles
from accords.admin.in_place import as_html
from accords.db.integrity_errors import by_field
from accords.models import Agreement, Citation, Clause, Event, Participation, Party, Renewal, Source, Statement

Errors = dict[str, list[str]]

MODELS: dict[str, type[Model]] = {
    "clause": Clause,
    "statement": Statement,
    "event": Event,
    "renewal": Renewal,
    "party": Participation,
    "agreement": Agreement,
}
"""What can be entered from a passage, in the order of the buttons."""

FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "clause": (
        (
            *("agreement", "type", "standing", "modality", "title"),
            *("baseline_value", "value", "unit", "scope", "scope_note"),
        ),
        ("number", "text", "language", "commodity", "effective", "ends"),
    ),
    "statement": (
        ("agreement", "kind", "polarity", "certainty", "proposition", "speaker", "speaker_label"),
        ("number", "topics", "clause", "event"),
    ),
    "event": (
        ("agreement", "kind", "status", "date", "date_text", "country", "place"),
        ("number", "duration", "approximate", "after", "reciprocates"),
    ),
    "renewal": (("agreement", "kind", "basis", "due", "offset"), ("sequence", "status")),
    "party": (("agreement", "party", "role"), ("since", "until")),
    "agreement": (
        ("title", "slug", "subject", "instrument", "status", "renewal_mode"),
        ("term", "renewal_intervals", "notice_period", "announced", "signed", "effective", "ends"),
    ),
}
"""The fields of each form: those that are always shown, and those under "More". All others are on the row's page."""

NEW_PARTY_FIELDS = ("name", "kind", "country")
EMPTY_PARTY_ROWS, MAX_PARTY_ROWS = 2, 40
ALREADY_EXISTS = {"unique", "unique_together"}
MAX_OFFSET = 2**31 - 1


class SearchInput(forms.TextInput):
    """Chooses a row by typing: an input with proposals (`desk-find.js`), and a hidden one with the row's id."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attributes = {
            **(attrs or {}),
            "type": "text",
            "role": "combobox",
            "autocomplete": "off",
            "aria-expanded": "false",
        }
        attributes |= {"aria-autocomplete": "list", "aria-controls": f"{attributes.get('id', name)}_list"}
        return format_html(
            '<span class="find" data-find="{}"><input{}><input type="hidden" name="{}" value="{}">'
            '<ul role="listbox" id="{}" aria-label="{}" hidden></ul></span>',
            *(self.kind, flatatt(attributes), name, value or "", attributes["aria-controls"], _("Proposals")),
        )

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return clean_id(value) if value else value


class PassageForm(forms.Form):
    """The selected words, their place, and the field that they support."""

    sha256 = forms.CharField(max_length=64)
    start = forms.IntegerField(min_value=0, max_value=MAX_OFFSET)
    end = forms.IntegerField(min_value=1, max_value=MAX_OFFSET)
    exact = forms.CharField(strip=False)
    field = forms.CharField(required=False, max_length=50)

    def __init__(self, data: Any, source: Source) -> None:
        super().__init__(data)
        self.source = source

    def clean_sha256(self) -> str:
        """Refuse offsets into a text that has changed since it was shown."""
        shown: str = self.cleaned_data["sha256"]
        if shown != self.source.sha256:
            raise ValidationError(_("The text has changed since this page was opened. Open it again."), code="stale")
        return shown

    def cite(self, kind: str, target: Model) -> Citation:
        """Create the citation. Raises `ValidationError` if the source does not have these words there."""
        place = {name: self.cleaned_data[name] for name in ("start", "end", "exact", "field")}
        citation = Citation(source=self.source, **{kind: target}, **place)
        citation.full_clean()
        citation.save()
        return citation


class DeskForm:
    """A short form for a new row, which validates and saves as the row's own page does."""

    def __init__(self, kind: str, site: AdminSite, request: HttpRequest) -> None:
        """Bind the form to the data of a POST."""
        self.kind, self.site, self.request = kind, site, request
        self.shortcut = str([*MODELS].index(kind) + 1)
        self.title, self.heading = form_titles()[kind]
        data = request.POST if request.method == "POST" else None
        self.form = self._form(site.get_model_admin(MODELS[kind]), [*FIELDS[kind][0], *FIELDS[kind][1]], data)
        if "agreement" in self.form.fields:  # a draft that the user may not see cannot be added to
            self.form.fields["agreement"].queryset = Agreement.objects.visible_to(request.user)
        self.parties = self._party_rows(data) if kind == "clause" else None
        self.new_party = self._new_party(data) if kind == "party" else None

    def _form(self, model_admin: ModelAdmin, names: list[str], data: Any, **kwargs: Any) -> Any:
        form_class = model_admin.get_form(self.request, None, fields=names)
        form = form_class(data, auto_id=f"desk_{self.kind}_%s", **kwargs)
        for field in form.fields.values():
            make_searchable(field)
        return form

    def _party_rows(self, data: Any) -> Any:
        """Return a form set for the parties to a clause; None for users who may not add any."""
        inline = ClausePartyInline(Clause, self.site)
        if not inline.has_add_permission(self.request, None):
            if data is not None and any(data.get(f"parties-{row}-party") for row in range(MAX_PARTY_ROWS)):
                raise PermissionDenied
            return None
        limits = {"max_num": MAX_PARTY_ROWS, "absolute_max": MAX_PARTY_ROWS}
        factory: Any = inline.get_formset(self.request, None, extra=EMPTY_PARTY_ROWS, can_delete=False, **limits)
        rows = factory(data, prefix="parties", auto_id="desk_clause_%s", instance=self.form.instance)
        self.empty_party_row = rows.empty_form  # a new form each time it is asked for
        for form in [*rows.forms, self.empty_party_row]:
            for field in form.fields.values():
                make_searchable(field)
                field.help_text = ""
        return rows

    def _new_party(self, data: Any) -> Any:
        """Return a form for a party that is not known yet, bound only if none was chosen."""
        self.form.fields["party"].required = False
        is_needed = data is not None and not data.get("party")
        model_admin = self.site.get_model_admin(Party)
        if not model_admin.has_add_permission(self.request):
            return None
        return self._form(model_admin, [*NEW_PARTY_FIELDS], data if is_needed else None, prefix="new")

    # For the template

    def main_fields(self) -> list[Any]:
        return [self.form[name] for name in FIELDS[self.kind][0] if name in self.form.fields]

    def more_fields(self) -> list[Any]:
        return [self.form[name] for name in FIELDS[self.kind][1] if name in self.form.fields]

    # Validating and saving

    def errors(self) -> Errors:
        """Return the messages of all forms by the name of the input; those of no input under `NON_FIELD_ERRORS`."""
        # if the participation exists it is cited again, and that it exists is the only error of the form
        forms_to_check = [] if self._participation_exists() else [self.form]
        if self.parties is not None:
            forms_to_check += self.parties.forms
        elif self.new_party is not None and self.new_party.is_bound:
            forms_to_check.append(self.new_party)
        errors: Errors = {}
        for form in forms_to_check:
            errors |= {form.add_prefix(name): as_html(messages) for name, messages in form.errors.items()}
        if self.parties is not None and (messages := as_html(self.parties.non_form_errors())):
            errors.setdefault(NON_FIELD_ERRORS, []).extend(messages)
        return errors

    def _participation_exists(self) -> bool:
        """Return whether the only error is that the party has this role already: then that is cited again."""
        codes = {error.code for errors in self.form.errors.as_data().values() for error in errors}
        return self.kind == "party" and bool(codes) and codes <= ALREADY_EXISTS

    def save(self) -> tuple[Any, list[Any]]:
        """Save the row and those that come with it; return the row, and all that were created.

        Raises `ValidationError` for what shows only then.
        """
        if self.kind == "party":
            return self._save_participation()
        row = self.form.save()
        if self.parties is None:
            return row, [row]
        self.parties.instance = row
        return row, [row, *self.parties.save()]

    def _save_participation(self) -> tuple[Any, list[Any]]:
        """Return the existing participation where the party has this role already."""
        row = self.form.instance
        created = []
        if row.party_id is None:
            row.party = self._save_new_party()
            created.append(row.party)
        existing = Participation.objects.filter(agreement=row.agreement, party=row.party, role=row.role).first()
        if existing is not None:
            return existing, created
        row.full_clean()
        row.save()
        return row, [row, *created]

    def _save_new_party(self) -> Party:
        if self.new_party is None or not self.new_party.is_bound:
            raise ValidationError({"party": _("Choose a party.")})
        party: Party = self.new_party.instance
        party.slug = slugify(party.name)[:100].strip("-")
        try:
            party.full_clean()
        except ValidationError as error:
            raise ValidationError({self.new_party.add_prefix("name"): error.messages}) from error
        party.save()
        return party


def make_searchable(field: forms.Field) -> None:
    """Let a relation be chosen with the desk's own search."""
    if isinstance(field, forms.ModelChoiceField) and not field.widget.is_hidden:
        queryset: Any = field.queryset
        field.widget = SearchInput(queryset.model._meta.model_name)


def errors_of(error: ValidationError) -> Errors:
    """Return a model's validation errors by field."""
    return {
        name: as_html(message for problem in problems for message in problem.messages)
        for name, problems in by_field(error).items()
    }
