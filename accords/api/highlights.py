"""Where rows match a search: snippets of the fields that do, found in the texts of one page's rows."""

from typing import Any

from django.db.models import F, Model
from django.db.models.functions import Left

from accords.db.fields import Text
from accords.db.search_index import texts, words_of
from accords.rules.highlights import LONGEST_TEXT, Span, snippets
from accords.rules.search_query import Query

OFFSETS = {name: {"type": "integer", "minimum": 0} for name in Span._fields}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Where the row matches `q`, by field; only with `highlight=true`. Offsets count Unicode code "
    f"points, `end` is exclusive. The first {LONGEST_TEXT} code points of a text are looked at.",
    "additionalProperties": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["item", "start", "end", "text", "html", "marks"],
            "properties": {
                "item": {"type": "integer", "minimum": 0, "description": "Which text, where the field is a list."},
                **{name: {**schema, "description": "Of the snippet in the text."} for name, schema in OFFSETS.items()},
                "text": {"type": "string", "description": "The snippet."},
                "html": {"type": "string", "description": "The snippet as HTML, what matches in `<mark>`."},
                "marks": {
                    "type": "array",
                    "description": "What matches, by its offsets in the text.",
                    "items": {"type": "object", "required": [*OFFSETS], "properties": OFFSETS},
                },
            },
        },
    },
}


def add(shown: list[Any], model: type[Model], query: Query) -> None:
    """Give every row that is shown its `highlight`, with one more query for all of them."""
    words: Any = words_of(model)
    columns = {name: _beginning(model, name) for name in words.searched}
    tag = {"searched_language": F(words.language)} if words.language else {}
    rows = model._default_manager.filter(pk__in=[row["id"] for row in shown])
    named = {f"searched_{name}": column for name, column in columns.items()} | tag
    found = {row["pk"]: row for row in rows.values("pk", **named)}
    for row in shown:
        kept = found.get(row["id"], {})  # a row that is gone meanwhile matches nowhere
        language = kept.get("searched_language", "")
        row["highlight"] = {
            name: stretches
            for name in columns
            if (stretches := _stretches(kept.get(f"searched_{name}"), query, words.languages(name, language)))
        }


def _beginning(model: type[Model], name: str) -> Any:
    """A field, of long texts as much as is looked at."""
    return Left(name, LONGEST_TEXT) if isinstance(model._meta.get_field(name), Text) else F(name)


def _stretches(value: Any, query: Query, languages: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "item": item,
            "start": snippet.start,
            "end": snippet.end,
            "text": snippet.text(content),
            "html": snippet.html(content),
            "marks": [mark._asdict() for mark in snippet.marks],
        }
        for item, content in enumerate(texts(value or ""))
        for snippet in snippets(content, query, languages)
    ]
