"""The French catalogue: complete, in step with the code, written as French is, and compiled."""

import re
from typing import Any

import pytest
from django.utils import translation

from accords.db.wording import in_words
from accords.importing.annotations import ErrorCollector
from accords.rules.wording import Said
from tests import messages

MESSAGES = [message for message in messages.catalogue() if message.id]
EXAMPLE = re.compile(r"`[^`]*`|<code>.*?</code>|%\(\w+\)[sdr]|[{][}]")
LOOSE = re.compile(r"'|[^ \u00a0\u202f]»|«[^\u00a0]| [:;?!»]|(?<![\d\s\u00a0\u202f])[;?!](?!\w)")
"""An apostrophe of typewriters, or a sign without its space that no line end breaks."""


def french(message: Any) -> tuple[str, ...]:
    """The French of a message without examples and what is filled in."""
    return tuple(EXAMPLE.sub("x", text) for text in messages.strings(message))


def test_the_catalogue_has_every_text_that_editors_may_read_and_no_other() -> None:
    known = {(message.context, message.id) for message in MESSAGES}
    wanted = {text.key for text in messages.texts()}
    assert wanted - known == set(), "run `make messages`, then write their French"
    assert known - wanted == set(), "run `make messages`"


def test_every_text_has_its_french() -> None:
    assert [message.id for message in MESSAGES if not all(messages.strings(message))] == []
    assert [message.id for message in MESSAGES if message.fuzzy] == [], "nobody has looked at these"


@pytest.mark.parametrize("message", [pytest.param(one, id=str(one.id)[:40]) for one in MESSAGES if "%" in str(one.id)])
def test_what_is_filled_in_is_filled_in_in_french_too(message: Any) -> None:
    english = message.id if isinstance(message.id, tuple) else (message.id,)
    wanted = messages.placeholders(english[-1])
    assert [messages.placeholders(text) for text in messages.strings(message)] == [wanted] * len(
        messages.strings(message)
    )


def test_the_compiled_catalogue_is_what_the_written_one_says() -> None:
    assert messages.MO.read_bytes() == messages.compiled(messages.catalogue()), "run `make messages`"


def test_french_is_typeset_as_french_is() -> None:
    assert [text for message in MESSAGES for text in french(message) if LOOSE.search(text)] == []


def test_blanks_at_the_ends_and_full_stops_are_kept() -> None:
    def edges(text: str) -> tuple[bool, bool, bool]:
        return text[:1] == " ", text[-1:] == " ", text.rstrip()[-1:] == "."

    pairs = [(message.id, text) for message in MESSAGES if isinstance(message.id, str) for text in [message.string]]
    assert [pair for pair in pairs if edges(pair[0]) != edges(pair[1])] == []


def test_no_function_that_translates_is_called_by_a_name_that_is_not_looked_for() -> None:
    assert messages.renamed() == []


def test_a_sentence_of_the_rules_is_translated_with_its_parts_and_data_stays() -> None:
    said = Said("%(text)s: %(reason)s", text="no spaces are accepted", reason=Said("no spaces are accepted"))
    assert said == "no spaces are accepted: no spaces are accepted"
    with translation.override("fr"):
        assert in_words(said) == "no spaces are accepted\u00a0: les espaces ne sont pas admises"


def test_what_is_wrong_in_an_annotation_is_told_to_whoever_reads_it() -> None:
    faults = ErrorCollector("one.yaml")
    faults.add(1, "", Said("no words are quoted for this row"))
    with translation.override("fr"):
        faults.add(1, "", Said("no words are quoted for this row"))
    assert [fault.message for fault in faults] == [
        "no words are quoted for this row",
        "aucun mot n’est cité pour cet élément",
    ]
