"""What models say to people, in the language of whoever reads it: names of fields, help texts, messages.

Models state their texts once, in plain English. After all of them are declared each text is put into a form that is
translated whenever it is shown; so nobody can forget to, and what is stored, migrated or served stays English.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Field, Model
from django.db.models.constraints import BaseConstraint
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext, pgettext_lazy

from accords.rules.wording import Said

FIELD, MODEL = "field", "model"  # contexts of names: the date `signed` is no adjective


def in_words(said: str) -> str:
    """A text of ours in the language of whoever reads it; what stands in it as data stays as it is."""
    if not isinstance(said, Said):
        return gettext(said)
    parts = {name: in_words(part) if isinstance(part, Said) else part for name, part in said.parts.items()}
    return gettext(said.template) % parts if parts else gettext(said.template)


in_words_later = lazy(in_words, str)


def reason(error: ValueError) -> str:
    """Why a rule refused something, in the language of whoever reads it."""
    return in_words(error.args[0])


def name_of(field: str) -> Any:
    """What a field that names itself is called: `renewal_mode` is "renewal mode" in English."""
    return pgettext_lazy(FIELD, field.replace("_", " "))


def translate(models: Iterable[type[Model]]) -> None:
    """Make every text of these models one that is translated when it is shown."""
    for model in models:
        options: Any = model._meta
        given = options.original_attrs
        for name in ("verbose_name", "verbose_name_plural"):
            if not isinstance(given.get(name), Promise):
                setattr(options, name, pgettext_lazy(MODEL, str(getattr(options, name))))
        for field in (*options.local_fields, *options.local_many_to_many):
            _translate_field(field)
        for rule in options.constraints:
            _translate_rule(rule)


def _translate_field(field: Field) -> None:
    if field._verbose_name is None:  # type: ignore[attr-defined]
        field.verbose_name = name_of(field.name or "")
    if field.help_text and not isinstance(field.help_text, Promise):
        field.help_text = in_words_later(field.help_text)


def _translate_rule(rule: BaseConstraint) -> None:
    message = rule.violation_error_message
    if message and not isinstance(message, Promise):
        rule.violation_error_message = in_words_later(message)
