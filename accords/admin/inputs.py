"""How fields are typed, on pages and beneath other rows alike: widgets as wide as what goes into them, and choices."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import DecimalField, URLField
from django.http import HttpRequest

from accords.admin.autocomplete import PickOne, PickSeveral
from accords.admin.display import with_code
from accords.admin.forms import Quantity, RecordForm, Verbatim
from accords.db.fields import Country, Duration, Edtf, Language, Line, StringList, Text
from accords.vocabulary import Word


def box(rows: int, columns: int) -> forms.Textarea:
    """A box for several lines."""
    return forms.Textarea(attrs={"rows": rows, "cols": columns})


def line(size: int, **attrs: str) -> forms.TextInput:
    """An input of one line, as wide as what goes into it."""
    return forms.TextInput(attrs={"size": size, **attrs})


class WordSelect(forms.Select):
    """A choice among words, each with its meaning."""

    def __init__(self, meanings: Mapping[str, str], **kwargs: Any) -> None:
        """Keep the meanings."""
        super().__init__(**kwargs)
        self.meanings = meanings

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """A word, and what it means."""
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.meanings:
            option["attrs"]["title"] = self.meanings[str(value)]
        return option


def meanings(field: Any) -> dict[str, str]:
    """What the words of a field's vocabulary mean."""
    found = (one for one in Word.__subclasses__() if one.choices == field.choices)
    return {str(word): word.meaning for vocabulary in found for word in vocabulary}


class Typing:
    """How fields are typed, on pages and beneath other rows alike."""

    form: Any = RecordForm
    formfield_overrides: Any = {
        Country: {"widget": line(4, placeholder="CN")},
        DecimalField: {"form_class": Quantity},
        Duration: {"widget": line(12, placeholder="P1Y")},
        Edtf: {"widget": line(24, placeholder="2025-10-30, 2025-10, XXXX-04")},
        Language: {"widget": line(8, placeholder="fr")},
        StringList: {"widget": box(3, 40)},
        Line: {"widget": line(60)},
        Text: {"form_class": Verbatim, "widget": box(4, 90)},
        URLField: {"assume_scheme": "https"},
    }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Show examples in help texts as such."""
        found = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if found is not None:
            found.help_text = with_code(str(found.help_text))
        return found

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Say what each word of a vocabulary means, where the pointer rests on it."""
        kwargs.setdefault("widget", WordSelect(meanings(db_field)))
        return super().formfield_for_choice_field(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choose related rows by typing."""
        kwargs.setdefault("widget", PickOne(db_field, self.admin_site))  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choose related rows by typing."""
        kwargs.setdefault("widget", PickSeveral(db_field, self.admin_site))  # type: ignore[attr-defined]
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
