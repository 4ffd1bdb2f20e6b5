"""The French catalogue: complete, in step with the code, typeset as French, and compiled."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.utils import translation
from django.utils.functional import Promise

from accords.db.translation import translate
from accords.models.agreements import DerivedDay
from accords.rules.messages import Message
from tests import messages

MESSAGES = [message for message in messages.catalogue() if message.id]
EXAMPLE = re.compile(r"`[^`]*`|<code>.*?</code>|%\(\w+\)[sdr]|[{][}]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sdr]|%[sdr](?!\w)|\{\w*\}")
# An apostrophe of typewriters, or a sign without its no-break space.
NOT_FRENCH = re.compile(r"'|[^\u202f]»|«[^\u202f]| [:;?!»]|(?<![\d\s\u00a0\u202f])[;?!](?!\w)")


def test_the_catalogue_has_the_texts_of_the_code_and_no_others() -> None:
    known = {(message.context, message.id) for message in MESSAGES}
    wanted = {(message.context, message.id) for message in messages.extracted() if message.id}
    assert wanted - known == set(), "run `make messages`, then translate them"
    assert known - wanted == set(), "run `make messages`"


def test_every_text_is_translated() -> None:
    assert [message.id for message in MESSAGES if not all(messages.strings(message))] == []
    assert [message.id for message in MESSAGES if message.fuzzy] == []


def test_translations_have_the_placeholders_of_the_original() -> None:
    def placeholders(text: str) -> list[str]:
        return sorted(PLACEHOLDER.findall(text))

    for message in MESSAGES:
        original = message.id if isinstance(message.id, str) else message.id[-1]
        found = [placeholders(text) for text in messages.strings(message)]
        assert found == [placeholders(original)] * len(found), message.id


def test_the_compiled_catalogue_is_up_to_date() -> None:
    for po in (messages.PO, messages.SCRIPTS_PO):
        up_to_date = messages.compiled(messages.catalogue(po))
        assert po.with_suffix(".mo").read_bytes() == up_to_date, "run `make messages`"


def test_french_is_typeset_as_french() -> None:
    texts = [EXAMPLE.sub("x", text) for message in MESSAGES for text in messages.strings(message)]
    assert [text for text in texts if NOT_FRENCH.search(text)] == []


def test_translations_keep_spaces_at_the_ends_and_full_stops() -> None:
    def ends(text: str) -> tuple[bool, bool, bool]:
        return text[:1] == " ", text[-1:] == " ", text.rstrip()[-1:] == "."

    pairs = [(message.id, text) for message in MESSAGES if isinstance(message.id, str) for text in [message.string]]
    assert [pair for pair in pairs if ends(pair[0]) != ends(pair[1])] == []


def models_in_the_admin() -> list[Any]:
    return [model for model in apps.get_app_config("accords").get_models() if admin.site.is_registered(model)]


@pytest.mark.parametrize("model", models_in_the_admin())
def test_names_help_texts_and_messages_of_models_are_translated(model: Any) -> None:
    options = model._meta
    fields = [field for field in (*options.local_fields, *options.local_many_to_many) if not field.primary_key]
    fields = [field for field in fields if not isinstance(field, DerivedDay) and field.name != "search"]
    texts = {field.name: (field.verbose_name, field.help_text) for field in fields}
    texts["Meta"] = (options.verbose_name, options.verbose_name_plural)
    own = [rule for rule in options.constraints if rule.violation_error_message != rule.default_violation_error_message]
    texts |= {rule.name: (rule.violation_error_message,) for rule in own}
    assert [name for name, found in texts.items() if not all(isinstance(text, Promise) for text in found)] == []
    assert [field.name for field in fields if not field.help_text] == []


def test_a_message_of_the_rules_is_translated_with_its_parameters_except_data() -> None:
    message = Message("%(text)s: %(reason)s", text="no spaces are accepted", reason=Message("no spaces are accepted"))
    assert message == "no spaces are accepted: no spaces are accepted"
    with translation.override("fr"):
        assert (
            translate(message)
            == "no spaces are accepted\u00a0: date non reconnue\u202f; écrivez par exemple 2026-03-03"
        )
