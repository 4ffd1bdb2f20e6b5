"""The desk's forms: for the selected passage, and short ones for new rows that it supports."""

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
"""The models of the forms by form name, in the order of the buttons. A “party” is entered as a participation."""

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
"""The fields of each form: those that are always shown, and those under “More”. All others are on the row's page."""

NEW_PARTY_FIELDS = ("name", "kind", "country")
EMPTY_PARTY_ROWS, MAX_PARTY_ROWS = 2, 40
UNIQUENESS_CODES = {"unique", "unique_together"}  # of validation errors
MAX_OFFSET = 2**31 - 1  # of an integer column


class SearchInput(forms.TextInput):
    """An input with proposals of rows (`desk-find.js`), and a hidden one with the id of the row that was chosen.

    `model_name`, a key of `search.SEARCHABLE`, says which rows are proposed.
    """

    def __init__(self, model_name: str) -> None:
        super().__init__()
        self.model_name = model_name

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
            *(self.model_name, flatatt(attributes), name, value or "", attributes["aria-controls"], _("Proposals")),
        )

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return clean_id(value) if value else value


class PassageForm(forms.Form):
    """The selected passage, its offsets (code points), and the field that it supports."""

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
        sha256: str = self.cleaned_data["sha256"]
        if sha256 != self.source.sha256:
            raise ValidationError(_("The text has changed since this page was opened. Open it again."), code="stale")
        return sha256

    def create_citation(self, model_name: str, row: Model) -> Citation:
        """Cite the passage for a row. Raises `ValidationError` if the source has other words at these offsets."""
        passage = {name: self.cleaned_data[name] for name in ("start", "end", "exact", "field")}
        citation = Citation(source=self.source, **{model_name: row}, **passage)
        citation.full_clean()
        citation.save()
        return citation


class DeskForm:
    """A short form for a new row, which validates and saves as the row's own page does.

    `parties` is the form set for the parties to a clause, and `new_party` the form for the new party of a
    participation; they are None in other forms, and for users who may not add these.
    """

    def __init__(self, form_name: str, site: AdminSite, request: HttpRequest) -> None:
        """Bind the form to the data of a POST. `form_name` is a key of `MODELS`."""
        self.form_name, self.site, self.request = form_name, site, request
        self.shortcut = str([*MODELS].index(form_name) + 1)  # the key that opens it
        self.title, self.heading = form_titles()[form_name]
        data = request.POST if request.method == "POST" else None
        main_names, more_names = FIELDS[form_name]
        self.form = self._model_form(site.get_model_admin(MODELS[form_name]), [*main_names, *more_names], data)
        if "agreement" in self.form.fields:  # rows can be added to visible agreements only
            self.form.fields["agreement"].queryset = Agreement.objects.visible_to(request.user)
        self.parties = self._party_formset(data) if form_name == "clause" else None
        self.new_party = self._new_party_form(data) if form_name == "party" else None

    def _model_form(self, model_admin: ModelAdmin, names: list[str], data: Any, **kwargs: Any) -> Any:
        """Return a form of the model's admin, cut down to these fields, with the desk's search inputs."""
        form_class = model_admin.get_form(self.request, None, fields=names)
        form = form_class(data, auto_id=f"desk_{self.form_name}_%s", **kwargs)
        for field in form.fields.values():
            make_searchable(field)
        return form

    def _party_formset(self, data: Any) -> Any:
        """Return the form set for the parties to a clause; None for users who may not add any.

        Raises `PermissionDenied` if such a user sent parties.
        """
        inline = ClausePartyInline(Clause, self.site)
        if not inline.has_add_permission(self.request, None):
            if data is not None and any(data.get(f"parties-{index}-party") for index in range(MAX_PARTY_ROWS)):
                raise PermissionDenied
            return None
        limits = {"max_num": MAX_PARTY_ROWS, "absolute_max": MAX_PARTY_ROWS}
        formset_class: Any = inline.get_formset(self.request, None, extra=EMPTY_PARTY_ROWS, can_delete=False, **limits)
        formset = formset_class(data, prefix="parties", auto_id="desk_clause_%s", instance=self.form.instance)
        self.empty_party_row = formset.empty_form  # the template of rows that the script adds
        for form in [*formset.forms, self.empty_party_row]:
            for field in form.fields.values():
                make_searchable(field)
                field.help_text = ""
        return formset

    def _new_party_form(self, data: Any) -> Any:
        """Return the form for a new party, bound only if no party was chosen; None for users who may not add any."""
        self.form.fields["party"].required = False
        is_needed = data is not None and not data.get("party")
        model_admin = self.site.get_model_admin(Party)
        if not model_admin.has_add_permission(self.request):
            return None
        return self._model_form(model_admin, [*NEW_PARTY_FIELDS], data if is_needed else None, prefix="new")

    # For the template

    def main_fields(self) -> list[Any]:
        return [self.form[name] for name in FIELDS[self.form_name][0] if name in self.form.fields]

    def more_fields(self) -> list[Any]:
        return [self.form[name] for name in FIELDS[self.form_name][1] if name in self.form.fields]

    # Validating and saving

    def errors(self) -> Errors:
        """Return the messages of all forms by the name of the input; those about no input under `NON_FIELD_ERRORS`."""
        # That a participation exists already is no error: it is cited again.
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
        """Return whether the only error of the form is that the party has this role already."""
        codes = {error.code for errors in self.form.errors.as_data().values() for error in errors}
        return self.form_name == "party" and bool(codes) and codes <= UNIQUENESS_CODES

    def save(self) -> tuple[Any, list[Any]]:
        """Save the row and its parties; return the row, and a list of all rows that were created.

        `errors` must have found none. A participation that exists already is returned and not saved. Raises
        `ValidationError` if no party was chosen, or if the slug made from a new party's name is invalid or exists.
        """
        if self.form_name == "party":
            return self._save_participation()
        row = self.form.save()
        if self.parties is None:
            return row, [row]
        self.parties.instance = row
        return row, [row, *self.parties.save()]

    def _save_participation(self) -> tuple[Any, list[Any]]:
        """Save the participation, and its party if that is new; use the participation that exists, if there is one."""
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
        """Create the party with a slug made from its name. Errors of any of its fields are shown at the name."""
        if self.new_party is None or not self.new_party.is_bound:
            raise ValidationError({"party": _("Choose a party.")})
        party: Party = self.new_party.instance
        party.slug = slugify(party.name.replace("_", "-"))[:100].strip("-")
        if not party.slug:  # the name has no Latin letter and no digit
            message = _("No short name for addresses can be made of this name. Add the party on a page of its own.")
            raise ValidationError({self.new_party.add_prefix("name"): message})
        try:
            party.full_clean()
        except ValidationError as error:
            raise ValidationError({self.new_party.add_prefix("name"): error.messages}) from error
        party.save()
        return party


def make_searchable(field: forms.Field) -> None:
    """Give the field of a relation the desk's search input, unless it is hidden."""
    if isinstance(field, forms.ModelChoiceField) and not field.widget.is_hidden:
        queryset: Any = field.queryset
        field.widget = SearchInput(queryset.model._meta.model_name)


def messages_by_field(error: ValidationError) -> Errors:
    return {
        name: as_html(message for field_error in field_errors for message in field_error.messages)
        for name, field_errors in by_field(error).items()
    }
