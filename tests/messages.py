"""The French catalogue: `make messages` updates it from the code and compiles it (Babel, see `babel.cfg`).

The compiled catalogue is committed, so that an installation needs no tools.
"""

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from accords.vocabulary import Word

ROOT = Path(__file__).parent.parent
PO = ROOT / "accords" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
SCRIPTS_PO = PO.with_name("djangojs.po")  # kept by hand: what scripts of Django's admin say
KEYWORDS = [
    *("_", "lazy", "gettext", "gettext_lazy", "gettext_noop", "Message"),
    *("ngettext:1,2", "ngettext_lazy:1,2", "pgettext:1c,2", "pgettext_lazy:1c,2"),
    *("npgettext:1c,2,3", "npgettext_lazy:1c,2,3"),
]

Found = Iterator[tuple[int, str | None, Any, list[str]]]


def extract_template(fileobj: Any, keywords: Any, comment_tags: Any, options: Any) -> Found:
    """Extract the texts of a Django template, which `templatize` turns into calls of gettext."""
    code = templatize(fileobj.read().decode(), origin=fileobj.name)
    code = "\n".join(line.lstrip() for line in code.splitlines())
    yield from extract_python(io.BytesIO(code.encode()), keywords, comment_tags, options)


def extract_vocabulary(fileobj: Any, keywords: Any, comment_tags: Any, options: Any) -> Found:
    """Extract the labels, which are marked, and the meanings of controlled words."""
    yield from extract_python(fileobj, keywords, comment_tags, options)
    for vocabulary in Word.__subclasses__():
        for word in vocabulary:
            yield 1, None, word.means, []


def extracted() -> Catalog:
    """Return a catalogue of the texts that the code marks."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = Catalog()
    keywords = parse_keywords(KEYWORDS)
    for name, _line, message, _comments, context in extract_from_dir(ROOT, methods, options, keywords):
        found.add(message, locations=[(name, 1)], context=context)
    return found


@cache
def catalogue(po: Path = PO) -> Catalog:
    with po.open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


def compiled(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def strings(message: Any) -> tuple[str, ...]:
    """Return the translations of a message: one, or one for each plural form."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


def main() -> None:
    """Update the catalogue, compile it, and print the texts without a translation."""
    found = catalogue()
    found.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    found.obsolete.clear()
    with PO.open("wb") as file:
        write_po(file, found, width=120, sort_by_file=True, include_lineno=False)
    MO.write_bytes(compiled(found))
    SCRIPTS_PO.with_suffix(".mo").write_bytes(compiled(catalogue(SCRIPTS_PO)))
    missing = [message.id for message in found if message.id and not all(strings(message))]
    print(*(f"no French yet: {text!r}" for text in missing), f"{len(found)} texts in {PO.name}", sep="\n")


if __name__ == "__main__":
    main()
