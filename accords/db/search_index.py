"""The index of search: what is kept of a row, and the question whether a row matches a query.

A row's words go through its `search` column: whoever writes the row writes them there, and triggers of the database
carry them into the index in the same transaction and empty the column again. The index is an FTS5 table on SQLite and
a table of `tsvector`s on PostgreSQL; both hold the words that `accords.rules.analysis` finds, as they are.
"""

import json
import re
from operator import attrgetter
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.query_utils import DeferredAttribute

from accords.db.parameters import BoundParameter, derived
from accords.rules import analysis
from accords.rules.search_query import Query, Term


def texts(value: Any) -> list[str]:
    """What stands in a field: one text, or several."""
    return list(value) if isinstance(value, list) else [value]


class Derived(DeferredAttribute):
    """An attribute that is always what its field derives from the row, so that nothing writes anything else."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        """Derive it anew."""
        field: Any = self.field
        return self if instance is None else field.derive(instance)

    def __set__(self, instance: Any, value: Any) -> None:
        """Forget it: the column is empty wherever it is read."""
        instance.__dict__[self.field.attname] = None


class Words(models.TextField):
    """The words of a row on their way into the index: derived at every write, null at rest.

    `head` names the fields that say what the row is (title, number), `body` the others; `language` names the field
    that says in which language the body is.
    """

    descriptor_class = Derived

    def __init__(
        self, *args: Any, head: tuple[str, ...] = (), body: tuple[str, ...] = (), language: str = "", **kwargs: Any
    ) -> None:
        """Keep what is searched."""
        self.head, self.body, self.language = tuple(head), tuple(body), language
        super().__init__(*args, **kwargs | {"null": True, "editable": False, "serialize": False})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Name the arguments in migrations."""
        name, path, args, kwargs = super().deconstruct()
        for option in ("null", "editable", "serialize"):
            del kwargs[option]
        return name, path, args, kwargs | {"head": self.head, "body": self.body, "language": self.language}

    @property
    def searched(self) -> tuple[str, ...]:
        """The fields whose words are kept."""
        return (*self.head, *self.body)

    @property
    def watched(self) -> frozenset[str]:
        """The fields that decide which words are kept."""
        return frozenset(filter(None, (*self.searched, self.language)))

    def tongues(self, name: str, language: str) -> tuple[str, ...]:
        """The languages by which one of the fields is stemmed, in a row of this language."""
        return analysis.languages(language if self.language and name in self.body else "")

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        return self.derive(model_instance)

    def derive(self, row: models.Model) -> str:
        """What is kept of a row, as the triggers read it."""
        language, budget = getattr(row, self.language) if self.language else "", analysis.Budget()
        kept: dict[str, str] = {}
        for name, fields in (("head", self.head), ("body", self.body)):
            found = [text for field in fields for text in texts(getattr(row, field))]
            part = analysis.part(found, self.tongues(fields[-1] if fields else "", language), budget)
            kept |= {name: part.words, f"{name}_stems": part.stems}
        return json.dumps(kept, ensure_ascii=False)


def words_of(model: type[models.Model]) -> Words | None:
    """The field through which a model's words go; None if it is not searched."""
    return next((field for field in model._meta.concrete_fields if isinstance(field, Words)), None)


def searched_models() -> list[type[models.Model]]:
    """Return the models with a search index."""
    return [model for model in apps.get_app_config("accords").get_models() if words_of(model)]


class Nothing(models.Manager[Any]):
    """No rows: the index is only ever joined."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """None."""
        return super().get_queryset().none()


def index_of(model: type[models.Model], module: str) -> type[models.Model]:
    """The model of a searched model's index, joined as `indexed`; the database alone writes it."""
    table = f"{model._meta.db_table}_words"
    options = {"managed": False, "db_table": table, "default_permissions": (), "app_label": model._meta.app_label}
    row: Any = models.OneToOneField(
        model, models.DO_NOTHING, primary_key=True, db_column="rowid", related_name="indexed", db_constraint=False
    )
    named = {"__module__": module, "__doc__": f"The index of {model._meta.verbose_name_plural}.", "objects": Nothing()}
    made: type[models.Model] = type(
        f"{model.__name__}Words", (models.Model,), named | {"row": row, "Meta": type("Meta", (), options)}
    )
    return made


class SearchQuery(NamedTuple):
    """A query as the databases take it: plain strings, however many words there are."""

    query: Query
    match: str  # FTS5's expression
    tiers: tuple[str, ...]  # FTS5's expressions, one for each tier of relevance
    lexemes: str  # the `tsquery` that every row which matches satisfies
    exact: str  # the `tsquery` of the words to the letter
    phrases: str  # the array of patterns of what must stand to the letter
    whole: str  # all words in order


def ask(query: Query) -> SearchQuery:
    """Write a query for both databases. Words hold neither quotation marks nor backslashes, so nothing escapes."""
    every, head = (" AND ".join(_fts(term, where) for term in query.terms) for where in ("", "head"))
    whole_head, whole_body = (f'{part} : "{query.whole}"' for part in ("head", "body"))
    tiers = (
        whole_head,
        f"({head}) NOT ({whole_head})",
        f"({whole_body}) NOT ({head})",
        f"({every}) NOT (({head}) OR ({whole_body}))",
    )
    return SearchQuery(
        query,
        every,
        tiers,
        " & ".join(f"({_tsquery(term)})" for term in query.terms),
        " & ".join(f"'{word}'" for term in query.terms for word in term.words),
        "{" + ",".join(f'"% {phrase} %"' for phrase in query.phrases) + "}",
        f" {query.whole} ",
    )


def _fts(term: Term, where: str) -> str:
    """A term as FTS5 has it, in the head or anywhere."""
    if not term.forms:
        return f'{{{where or "head body"}}} : "{" ".join(term.words)}"'
    columns = "{head head_stems} : " if where else ""
    quoted = [f'"{form}"' for form in term.forms]
    return f"{columns}({' OR '.join(quoted)})"


def _tsquery(term: Term) -> str:
    """A term as `tsquery` has it; that words of a phrase stand next to each other is asked apart."""
    return " | ".join(f"'{form}'" for form in term.forms) or " & ".join(f"'{word}'" for word in term.words)


# Relevance is a tier, and rows of one tier stand in the order of their ids, so that a page costs no more for many hits:
# 1 the whole query, to the letter, stands in the head; 2 all terms match in the head; 3 the whole query stands in the
# body; 4 all terms match somewhere. Tier 0 is all of them together.
TIERS = (1, 2, 3, 4)
IN_HEAD = "({i}.head @@ {lexemes}::tsquery AND {i}.head_text LIKE ALL ({phrases}::text[]))"
ANYWHERE = "{i}.words @@ {lexemes}::tsquery AND {i}.head_text || {i}.body_text LIKE ALL ({phrases}::text[])"
WHOLE_IN_HEAD, WHOLE_IN_BODY = (f"strpos({{i}}.{part}_text, {{whole}}) > 0" for part in ("head", "body"))
POSTGRESQL = (
    ANYWHERE,
    f"{{i}}.head @@ {{exact}}::tsquery AND {WHOLE_IN_HEAD}",
    f"{IN_HEAD} AND NOT {WHOLE_IN_HEAD}",
    f"{WHOLE_IN_BODY} AND NOT {IN_HEAD}",
    f"NOT {WHOLE_IN_BODY} AND NOT {IN_HEAD}",
)
GIVEN = ("lexemes", "exact", "phrases", "whole")
PLACE = re.compile(r"\{(\w+)\}")


class Matches(Func):
    """Whether the index has what a query asks for, in one tier of relevance."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, asked: "SearchQuery | BoundParameter", tier: int) -> None:
        """Take the query's strings, of which each database binds its own; the query may be given later."""
        match = derived(lambda query: query.tiers[tier - 1] if tier else query.match, asked)
        strings = [match, *(derived(attrgetter(name), asked) for name in GIVEN)]
        bound = [string if isinstance(string, BoundParameter) else Value(string) for string in strings]
        super().__init__(F("indexed__row_id"), *bound)
        self.tier = tier

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # type: ignore[override]
        """Write the question out; every string of the query is a parameter."""
        row: Any = self.source_expressions[0]
        match, *given = self.source_expressions[1:]
        places, params = dict(zip(GIVEN, given, strict=True)) | {"match": match}, []

        def place(found: re.Match[str]) -> str:
            if found[1] in places:
                sql, bound = compiler.compile(places[found[1]])
                params.extend(bound)
                return str(sql)
            return str(
                compiler.quote_name_unless_alias(row.alias if found[1] == "i" else row.target.model._meta.db_table)
            )

        sql = POSTGRESQL[self.tier] if connection.vendor == "postgresql" else "{i}.{table} MATCH {match}"
        return f"({PLACE.sub(place, sql)})", params


def matching(asked: "SearchQuery | BoundParameter") -> Q:
    """Rows that match."""
    return Q(Matches(asked, 0), indexed__isnull=False)


def in_tier(asked: "SearchQuery | BoundParameter", tier: int) -> Q:
    """Rows in one tier of relevance, among those that match."""
    return Q(Matches(asked, tier))
