"""The member `highlight` of rows: snippets of their texts that match a search."""

from typing import Any

from django.db.models import F, Model
from django.db.models.functions import Left

from accords.db.fields import Text
from accords.db.search_index import as_texts, search_entry_field
from accords.rules.highlights import LONGEST_SNIPPET, LONGEST_TEXT, MOST, Span, snippets
from accords.rules.search_query import Query

OFFSETS = {name: {"type": "integer", "minimum": 0} for name in Span._fields}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Where the row matches `q`, by field; only with `highlight=true`. Offsets count Unicode code "
    f"points, `end` is exclusive. A text has at most {MOST} snippets of at most {LONGEST_SNIPPET} code points; "
    f"only its first {LONGEST_TEXT} code points are searched.",
    "additionalProperties": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["item", "start", "end", "text", "html", "marks"],
            "properties": {
                "item": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "The position of the text if the field is a list, else 0.",
                },
                **{name: schema | {"description": "Of the snippet, in the text."} for name, schema in OFFSETS.items()},
                "text": {"type": "string", "maxLength": LONGEST_SNIPPET, "description": "The snippet."},
                "html": {"type": "string", "description": "The snippet as HTML, with matches in `<mark>`."},
                "marks": {
                    "type": "array",
                    "description": "The matches, by their offsets in the text.",
                    "items": {"type": "object", "required": [*OFFSETS], "properties": OFFSETS},
                },
            },
        },
    },
}


def add(rows: list[Any], model: type[Model], query: Query) -> None:
    """Set the member `highlight` of representations, with one query for the texts of all rows."""
    entry_field: Any = search_entry_field(model)
    # With a prefix, because an annotation may not have the name of a field.
    columns: dict[str, Any] = {
        f"searched_{name}": Left(name, LONGEST_TEXT) if isinstance(model._meta.get_field(name), Text) else F(name)
        for name in entry_field.searched_fields
    }
    if entry_field.language:
        columns["searched_language"] = F(entry_field.language)
    queryset = model._default_manager.filter(pk__in=[row["id"] for row in rows])
    stored = {row["pk"]: row for row in queryset.values("pk", **columns)}
    for row in rows:
        texts_of_row = stored.get(row["id"], {})  # empty if the row was deleted in the meantime
        language = texts_of_row.get("searched_language", "")
        highlights_by_field = {
            name: highlights(texts_of_row.get(f"searched_{name}"), query, entry_field.languages(name, language))
            for name in entry_field.searched_fields
        }
        row["highlight"] = {name: items for name, items in highlights_by_field.items() if items}


def highlights(value: Any, query: Query, languages: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the snippets of a field, which has one text or a list of them."""
    return [
        {
            "item": item,
            "start": snippet.start,
            "end": snippet.end,
            "text": snippet.text(content),
            "html": snippet.html(content),
            "marks": [mark._asdict() for mark in snippet.marks],
        }
        for item, content in enumerate(as_texts(value or ""))
        for snippet in snippets(content, query, languages)
    ]
