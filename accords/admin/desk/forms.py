"""What is typed at the desk: the passage, which is selected, and short forms for new rows that it supports."""

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

from accords.admin.autocomplete import row_id
from accords.admin.clauses import ClausePartyInline
from accords.admin.desk.words import titles
from accords.db.integrity_errors import by_field
from accords.models import Agreement, Citation, Clause, Event, Participation, Party, Renewal, Source, Statement
from accords.models.citations import TARGETS

Problems = dict[str, list[str]]

KINDS: dict[str, type[Model]] = {
    "clause": Clause,
    "statement": Statement,
    "event": Event,
    "renewal": Renewal,
    "party": Participation,
    "agreement": Agreement,
}
"""What can be made of a passage, in the order in which it is offered."""

FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "clause": (
        (
            "agreement",
            "type",
            "standing",
            "modality",
            "title",
            "baseline_value",
            "value",
            "unit",
            "scope",
            "scope_note",
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
        ("term", "renewal_interval", "notice_period", "announced", "signed", "effective", "ends"),
    ),
}
"""The fields of a short form: those that every row needs an answer to, and more. All others are on the row's page."""

NEW_PARTY = ("name", "kind", "country")
PARTIES_SHOWN, PARTIES_MOST = 2, 40
EXISTS = {"unique", "unique_together"}
FARTHEST = 2**31 - 1


class Find(forms.TextInput):
    """Choose a row by typing some of its words: an input that proposes (`desk-find.js`), and beside it the row's id."""

    def __init__(self, what: str) -> None:
        """`what` says which rows are proposed."""
        super().__init__()
        self.what = what

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Write it out."""
        given = {**(attrs or {}), "type": "text", "role": "combobox", "autocomplete": "off", "aria-expanded": "false"}
        given |= {"aria-autocomplete": "list", "aria-controls": f"{given.get('id', name)}_list"}
        return format_html(
            '<span class="find" data-find="{}"><input{}><input type="hidden" name="{}" value="{}">'
            '<ul role="listbox" id="{}" aria-label="{}" hidden></ul></span>',
            *(self.what, flatatt(given), name, value or "", given["aria-controls"], _("Proposals")),
        )

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The id that was chosen, if it can be one at all."""
        value = super().value_from_datadict(data, files, name)
        return row_id(value) if value else value


class PassageForm(forms.Form):
    """The words that were selected, where they stand, and which field they support."""

    sha256 = forms.CharField(max_length=64)
    start = forms.IntegerField(min_value=0, max_value=FARTHEST)
    end = forms.IntegerField(min_value=1, max_value=FARTHEST)
    exact = forms.CharField(strip=False)
    field = forms.CharField(required=False, max_length=50)

    def __init__(self, data: Any, source: Source) -> None:
        """The passage is one of this source."""
        super().__init__(data)
        self.source = source

    def clean_sha256(self) -> str:
        """Refuse offsets into a text that has changed since it was shown."""
        seen: str = self.cleaned_data["sha256"]
        if seen != self.source.sha256:
            raise ValidationError(_("The text has changed since this page was opened. Open it again."), code="stale")
        return seen

    def cite(self, kind: str, target: Model) -> Citation:
        """Make the citation of a row. Raises `ValidationError` if the source does not have these words there."""
        place = {name: self.cleaned_data[name] for name in ("start", "end", "exact", "field")}
        made = Citation(source=self.source, **{kind: target}, **place)
        made.full_clean()
        made.save()
        return made


class Blank:
    """A short form for a new row of a kind. It checks and saves as the row's own page in the admin does."""

    def __init__(self, kind: str, site: AdminSite, request: HttpRequest) -> None:
        """Empty, or filled with what was sent."""
        self.kind, self.request = kind, request
        self.key = str([*KINDS].index(kind) + 1)
        self.title, self.heading = titles()[kind]
        self.admin: ModelAdmin = site.get_model_admin(KINDS[kind])
        self.site = site
        data = request.POST if request.method == "POST" else None
        self.form = self._form(self.admin, [*FIELDS[kind][0], *FIELDS[kind][1]], data)
        if "agreement" in self.form.fields:  # of a draft that someone may not see, nothing is told by adding to it
            self.form.fields["agreement"].queryset = Agreement.objects.visible_to(request.user)
        self.parties = self._parties(data) if kind == "clause" else None
        self.newcomer = self._newcomer(data) if kind == "party" else None

    def _form(self, its: ModelAdmin, names: list[str], data: Any, **kwargs: Any) -> Any:
        made = its.get_form(self.request, None, fields=names)
        form = made(data, auto_id=f"desk_{self.kind}_%s", **kwargs)
        for field in form.fields.values():
            findable(field)
        return form

    def _parties(self, data: Any) -> Any:
        """Who owes the clause, to whom; None for who may not say so."""
        inline = ClausePartyInline(Clause, self.site)
        if not inline.has_add_permission(self.request, None):
            if data is not None and any(data.get(f"parties-{row}-party") for row in range(PARTIES_MOST)):
                raise PermissionDenied
            return None
        most = {"max_num": PARTIES_MOST, "absolute_max": PARTIES_MOST}
        made: Any = inline.get_formset(self.request, None, extra=PARTIES_SHOWN, can_delete=False, **most)
        rows = made(data, prefix="parties", auto_id="desk_clause_%s", instance=self.form.instance)
        for form in [*rows.forms, *([] if data else [rows.empty_form])]:
            for field in form.fields.values():
                findable(field)
                field.help_text = ""
        return rows

    def _newcomer(self, data: Any) -> Any:
        """A party that is not known yet; needed only if none is chosen."""
        self.form.fields["party"].required = False
        is_needed = data is not None and not data.get("party")
        its = self.site.get_model_admin(Party)
        if not its.has_add_permission(self.request):
            return None
        return self._form(its, [*NEW_PARTY], data if is_needed else None, prefix="new")

    # What a page shows

    def main(self) -> list[Any]:
        """The fields that every row needs an answer to."""
        return [self.form[name] for name in FIELDS[self.kind][0] if name in self.form.fields]

    def more(self) -> list[Any]:
        """The other fields."""
        return [self.form[name] for name in FIELDS[self.kind][1] if name in self.form.fields]

    # What is done with what was sent

    def problems(self) -> Problems:
        """What is wrong, by the name of the input."""
        found: Problems = {}
        for form in [*([] if self._is_known_part() else [self.form]), *self._parts()]:
            found |= {form.add_prefix(name): [*map(str, said)] for name, said in form.errors.items()}
        if self.parties is not None and (whole := [*map(str, self.parties.non_form_errors())]):
            found.setdefault(NON_FIELD_ERRORS, []).extend(whole)
        return found

    def _is_known_part(self) -> bool:
        """Whether all that is wrong is that the party has this part already: then the part is cited again."""
        codes = {one.code for said in self.form.errors.as_data().values() for one in said}
        return self.kind == "party" and bool(codes) and codes <= EXISTS

    def _parts(self) -> list[Any]:
        """The forms of the rows that come with the new one."""
        if self.parties is not None:
            return [*self.parties.forms]
        return [self.newcomer] if self.newcomer is not None and self.newcomer.is_bound else []

    def write(self) -> Any:
        """Make the row and what comes with it. Raises `ValidationError` for what shows only then."""
        if self.kind == "party":
            return self._save_party()
        made = self.form.save()
        if self.parties is not None:
            self.parties.instance = made
            self.parties.save()
        return made

    def _save_party(self) -> Any:
        """The party's part in the agreement; who is known to have it already needs no second one."""
        part = self.form.instance
        if part.party_id is None:
            part.party = self._save_newcomer()
        same = {"agreement": part.agreement, "party": part.party, "role": part.role}
        found = Participation.objects.filter(**same).first()
        if found is not None:
            return found
        part.full_clean()
        part.save()
        return part

    def _save_newcomer(self) -> Party:
        if self.newcomer is None or not self.newcomer.is_bound:
            raise ValidationError({"party": _("Choose a party.")})
        made: Party = self.newcomer.instance
        made.slug = slugify(made.name)[:100].strip("-")
        try:
            made.full_clean()
        except ValidationError as error:
            raise ValidationError({self.newcomer.add_prefix("name"): error.messages}) from error
        made.save()
        return made


def findable(field: forms.Field) -> None:
    """Let a relation be chosen by typing, in the desk's own way."""
    if isinstance(field, forms.ModelChoiceField) and not field.widget.is_hidden:
        queryset: Any = field.queryset
        field.widget = Find(queryset.model._meta.model_name)


def problems_of(error: ValidationError) -> Problems:
    """What a model found wrong, by field."""
    return {name: [message for one in said for message in one.messages] for name, said in by_field(error).items()}


def is_citable(kind: str) -> bool:
    """Whether a citation supports rows of this kind themselves; a party's part is a field of the agreement."""
    return kind in TARGETS
