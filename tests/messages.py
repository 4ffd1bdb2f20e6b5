"""The French catalogue: what editors may read is found in the code, the models and the pages; no gettext tools needed.

`make messages` brings the catalogue into step with the code, compiles it, and says what lacks French; the same functions
tell the tests what a catalogue must have. The compiled form is committed: who installs accords needs no tools either.
"""

import ast
import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.contrib import admin
from django.db.models import Field, Model
from django.utils.functional import Promise
from django.utils.translation.template import templatize

from accords.db.wording import FIELD
from accords.models.citations import TARGETS, citable_fields
from accords.vocabulary import Word

ROOT = Path(__file__).parent.parent
PO = ROOT / "accords" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
# The functions that take words to translate, under the names by which our code calls them; as in gettext's -k.
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "lazy", "gettext", "gettext_lazy", "gettext_noop", "Said"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


DJANGO_S = ("Change %s",)  # sentences of Django whose French does not fit all of our nouns


class Text(NamedTuple):
    """Words to translate: where they stand, their context (None = none), and themselves; two where they are counted."""

    place: str
    context: str | None
    words: str | tuple[str, ...]

    @property
    def key(self) -> tuple[str | None, Any]:
        """By what a catalogue finds them."""
        return self.context, self.words


def texts() -> list[Text]:
    """Everything that an editor may read and that is ours."""
    return [
        *in_python(),
        *in_templates(),
        *in_vocabularies(),
        *in_models(),
        *citable(),
        *(Text("django", None, words) for words in DJANGO_S),
    ]


def in_python() -> Iterator[Text]:
    """What is marked in the code."""
    for path in sorted([*(ROOT / "accords").rglob("*.py"), *(ROOT / "config").glob("*.py")]):
        if "migrations" not in path.parts:
            yield from marked(path, path.read_bytes())


def in_templates() -> Iterator[Text]:
    """What is marked in the pages, which Django rewrites as code; only its words matter, so no line is indented."""
    for path in sorted((ROOT / "accords" / "templates").rglob("*.html")):
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        yield from marked(path, "\n".join(line.lstrip() for line in code.splitlines()).encode())


def marked(path: Path, code: bytes) -> Iterator[Text]:
    """The words in calls of the functions that take them."""
    for _line, function, found, _comments in extract_python(io.BytesIO(code), KEYWORDS.keys(), (), {}):
        given = found if isinstance(found, tuple) else (found,)
        places = KEYWORDS[function] or (1,)
        context = next((given[place[0] - 1] for place in places if isinstance(place, tuple)), None)
        words = tuple(given[place - 1] for place in places if isinstance(place, int))
        if all(words):
            yield Text(str(path.relative_to(ROOT)), context, words if len(words) > 1 else words[0])


def in_vocabularies() -> Iterator[Text]:
    """What each controlled word means; their labels are marked."""
    for words in Word.__subclasses__():
        for word in words:
            yield Text("accords/vocabulary.py", None, word.means)


def shown() -> list[type[Model]]:
    """Our models that have a page."""
    return [model for model in apps.get_app_config("accords").get_models() if admin.site.is_registered(model)]


def in_models() -> Iterator[Text]:
    """The names of models and fields, help texts, and what rules say that refuse a row."""
    for model in shown():
        place = str(Path(*model.__module__.split(".")).with_suffix(".py"))
        options: Any = model._meta
        found: list[Any] = [options.verbose_name, options.verbose_name_plural]
        for field in (*options.local_fields, *options.local_many_to_many):
            found += names_and_help(field)
        found += [rule.violation_error_message for rule in options.constraints]
        for text in found:
            yield from (Text(place, *one) for one in stated(text))


def citable() -> Iterator[Text]:
    """What a citation can support, as the admin names it: fields, and kinds of rows that have no field of their own."""
    for model in TARGETS.values():
        for name in citable_fields(model):
            yield Text("accords/models/citations.py", FIELD, name.replace("_", " "))


def names_and_help(field: Field) -> list[Any]:
    """What is said of a field that is shown: one of ours, or the number that Django gives a row, which it names."""
    return [] if field.primary_key else [field.verbose_name, field.help_text]


def stated(text: Any) -> Iterator[tuple[str | None, str]]:
    """The context and words of a text that is translated when it is shown; of one with parts, theirs too."""
    given = [*text._args] if isinstance(text, Promise) else []
    if not given or "%(name)s" in str(given[-1]):  # blank, or Django's own sentence
        return
    context = given[0] if len(given) > 1 else None
    parts = getattr(given[-1], "parts", {})
    yield context, getattr(given[-1], "template", str(given[-1]))
    for part in parts.values():
        if hasattr(part, "template"):
            yield None, part.template


def renamed() -> list[str]:
    """Imports of translating functions under names that would not be found."""
    found = []
    for path in sorted((ROOT / "accords").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                names = [one.asname for one in node.names if one.asname]
                found += [f"{path.relative_to(ROOT)}: {name}" for name in names if name not in KEYWORDS]
    return found


@cache
def catalogue() -> Catalog:
    """The French catalogue as it stands."""
    with PO.open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


def compiled(catalog: Catalog) -> bytes:
    """What Django reads of a catalogue."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def placeholders(words: str) -> list[str]:
    """What is filled in: %(name)s, %d, {}."""
    return sorted(re.findall(r"%\(\w+\)[sdr]|%[sdr](?!\w)|\{\w*\}", words))


def in_step() -> Catalog:
    """The catalogue with what the code has now: new words without French, and none that are gone."""
    template = Catalog()
    for text in texts():
        template.add(text.words, locations=[(text.place, 1)], context=text.context)
    found = catalogue()
    found.update(template, no_fuzzy_matching=True, update_creation_date=False)
    found.obsolete.clear()
    return found


def main() -> None:
    """Write the catalogue and its compiled form."""
    found = in_step()
    with PO.open("wb") as file:
        write_po(file, found, width=120, sort_by_file=True, include_lineno=False)
    MO.write_bytes(compiled(found))
    silent = [message.id for message in found if message.id and not all(strings(message))]
    print(*(f"no French yet: {words!r}" for words in silent), f"{len(found)} texts in {PO.name}", sep="\n")


def strings(message: Any) -> tuple[str, ...]:
    """The French of a message: one text, or one for each number."""
    return message.string if isinstance(message.string, tuple) else (message.string,)
