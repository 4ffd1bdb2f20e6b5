"""The search index: the index entry of a row, and the condition that a row matches a query.

The entry of a row passes through its column `search`: each write of the row sets it there, and triggers of the
database (`search_triggers`) move it into the index in the same transaction and empty the column. Words are in an FTS5
table on SQLite and in `tsvector`s on PostgreSQL, both as `accords.rules.analysis` finds them. Fields that are searched
for a part of their text have folded copies (`accords.rules.text`).
"""

import json
import re
from operator import attrgetter
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Lookup, Q
from django.db.models.query_utils import DeferredAttribute

from accords.db.compiled_query import BoundParameter, call_when_bound
from accords.rules import analysis, text
from accords.rules.search_query import Query, Term


def as_texts(value: Any) -> list[str]:
    """Return the value of a field as a list: the field has one text, or is a list of texts."""
    return list(value) if isinstance(value, list) else [value]


class DerivedAttribute(DeferredAttribute):
    """The attribute of a row that always returns what its field derives from the row.

    `DeferredAttribute` and `Field.descriptor_class` are not documented by Django (tried with 5.2).
    """

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        field: Any = self.field
        return self if instance is None else field.derive(instance)

    def __set__(self, instance: Any, value: Any) -> None:
        """Ignore the value: it is null in the database, because triggers empty the column.

        The None in `__dict__` keeps Django from treating the field as deferred.
        """
        instance.__dict__[self.field.attname] = None


class SearchEntry(models.TextField):
    """A column with the entry of a row for the search index: derived at every write, null otherwise.

    `head` names the fields that identify the row (title, number), `body` the others; `language` names the field with
    the language of the body. `folded` names the fields that can be searched for a part of their text
    (`…__folded_contains`).
    """

    descriptor_class = DerivedAttribute

    def __init__(
        self,
        *args: Any,
        head: tuple[str, ...] = (),
        body: tuple[str, ...] = (),
        language: str = "",
        folded: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> None:
        self.head, self.body, self.language, self.folded = tuple(head), tuple(body), language, tuple(folded)
        super().__init__(*args, **kwargs | {"null": True, "editable": False, "serialize": False})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        for option in ("null", "editable", "serialize"):
            del kwargs[option]
        options = {"head": self.head, "body": self.body, "language": self.language, "folded": self.folded}
        return name, path, args, kwargs | options

    @property
    def searched_fields(self) -> tuple[str, ...]:
        """Return the fields whose words are indexed."""
        return (*self.head, *self.body)

    @property
    def dependencies(self) -> frozenset[str]:
        """Return the fields on which the entry depends."""
        return frozenset(filter(None, (*self.searched_fields, *self.folded, self.language)))

    def tables(self, table: str) -> list[str]:
        """Return the names of the index tables of a table: folded texts, and words if these are searched."""
        return [f"{table}_folded", *([f"{table}_words"] if self.searched_fields else [])]

    def languages(self, name: str, language: str) -> tuple[str, ...]:
        """Return the languages by which one of the fields is stemmed, in a row of this language."""
        return analysis.stemming_languages(language if self.language and name in self.body else "")

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        return self.derive(model_instance)

    def derive(self, row: models.Model) -> str:
        """Return the index entry of a row, as the triggers read it."""
        language, budget = getattr(row, self.language) if self.language else "", analysis.Budget()
        folded = {name: "\n".join(map(text.fold, as_texts(getattr(row, name)))) for name in self.folded}
        entry: dict[str, Any] = {"folded": folded}
        for name, fields in (("head", self.head), ("body", self.body)):
            contents = [content for field in fields for content in as_texts(getattr(row, field))]
            stemmed_in = self.languages(fields[-1] if fields else "", language)
            folded_words, stems = analysis.index_entry(contents, stemmed_in, budget)
            entry |= {name: folded_words, f"{name}_stems": stems}
        return json.dumps(entry, ensure_ascii=False)


def search_entry_field(model: type[models.Model]) -> SearchEntry | None:
    """Return the field with a model's entries for the index; None if the model has no index."""
    return next((field for field in model._meta.concrete_fields if isinstance(field, SearchEntry)), None)


def indexed_models() -> list[type[models.Model]]:
    """Return the models with an index."""
    return [model for model in apps.get_app_config("accords").get_models() if search_entry_field(model)]


def searched_models() -> list[type[models.Model]]:
    """Return the models whose words are indexed."""
    return [model for model in indexed_models() if (field := search_entry_field(model)) and field.searched_fields]


class EmptyManager(models.Manager[Any]):
    """A manager without rows: the table is only joined."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().none()


def create_words_model(model: type[models.Model], module: str) -> type[models.Model]:
    """Return a model of the table with the words of another model, which lookups join as `indexed`.

    It is not managed: `search_triggers` has the SQL of the table, which is a virtual one (FTS5) on SQLite, and its
    triggers write the rows. The key is called `rowid`, as FTS5 calls it. `module` is the caller's `__name__`.
    """
    table = f"{model._meta.db_table}_words"
    options = {"managed": False, "db_table": table, "default_permissions": (), "app_label": model._meta.app_label}
    row: Any = models.OneToOneField(
        model, models.DO_NOTHING, primary_key=True, db_column="rowid", related_name="indexed", db_constraint=False
    )
    attributes = {
        "__module__": module,
        "__doc__": f"The words of {model._meta.verbose_name_plural}.",
        "objects": EmptyManager(),
        "row": row,
        "Meta": type("Meta", (), options),
    }
    words_model: type[models.Model] = type(f"{model.__name__}Words", (models.Model,), attributes)
    return words_model


class SearchQuery(NamedTuple):
    """A query in the syntax of both databases. The number of strings does not depend on that of the words."""

    query: Query
    match: str  # the FTS5 expression that every matching row satisfies
    tiers: tuple[str, ...]  # the FTS5 expressions of the tiers of relevance
    lexemes: str  # the `tsquery` that every matching row satisfies
    exact: str  # the `tsquery` of the words to the letter
    phrase: str  # the first phrase; blank if there is none
    rest: str  # the array of LIKE patterns of the other phrases
    whole: str  # all words in order


def compile_query(query: Query) -> SearchQuery:
    """Write a query for both databases. Words contain neither quotation marks nor backslashes: nothing is escaped."""
    anywhere, head = (
        " AND ".join(_fts5_expression(term, head_only=head_only) for term in query.terms) for head_only in (False, True)
    )
    whole_head, whole_body = (f'{part} : "{query.all_words}"' for part in ("head", "body"))
    tiers = (
        whole_head,
        f"({head}) NOT ({whole_head})",
        f"({whole_body}) NOT ({head})",
        f"({anywhere}) NOT (({head}) OR ({whole_body}))",
    )
    return SearchQuery(
        query,
        anywhere,
        tiers,
        " & ".join(f"({_tsquery_text(term)})" for term in query.terms),
        " & ".join(f"'{word}'" for term in query.terms for word in term.words),
        f" {query.phrases[0]} " if query.phrases else "",
        "{" + ",".join(f'"% {phrase} %"' for phrase in query.phrases[1:]) + "}",
        f" {query.all_words} ",
    )


def _fts5_expression(term: Term, *, head_only: bool) -> str:
    """Return a term as an FTS5 expression.

    A phrase is searched in the columns of words alone: those of stems have no order and not all words.
    """
    if not term.forms:
        return f'{{{"head" if head_only else "head body"}}} : "{" ".join(term.words)}"'
    columns = "{head head_stems} : " if head_only else ""
    phrases = [f'"{form}"' for form in term.forms]
    return f"{columns}({' OR '.join(phrases)})"


def _tsquery_text(term: Term) -> str:
    """Return a term as a `tsquery`, which ignores the order of the words of a phrase: `strpos` and LIKE test it."""
    return " | ".join(f"'{form}'" for form in term.forms) or " & ".join(f"'{word}'" for word in term.words)


# Relevance is a tier, and rows of one tier are in the order of their ids, so that a page costs no more for many hits:
# 1 the head has the whole query to the letter; 2 all terms match in the head; 3 the body has the whole query; 4 all
# terms match somewhere. 0 means all tiers.
TIERS = (1, 2, 3, 4)
# `strpos` is twice as fast as LIKE, and the planner expects it to match often: a page then stops at its first rows.
REST = "({rest}::text[] = '{}' OR {text} LIKE ALL ({rest}::text[]))"
IN_HEAD = (
    "({index}.head @@ {lexemes}::tsquery AND strpos({index}.head_text, {phrase}) > 0 AND "
    + REST.replace("{text}", "{index}.head_text")
    + ")"
)
ANYWHERE = (
    "{index}.words @@ {lexemes}::tsquery AND (strpos({index}.head_text, {phrase}) > 0 OR "
    "strpos({index}.body_text, {phrase}) > 0) AND " + REST.replace("{text}", "{index}.head_text || {index}.body_text")
)
WHOLE_IN_HEAD, WHOLE_IN_BODY = (f"strpos({{index}}.{part}_text, {{whole}}) > 0" for part in ("head", "body"))
POSTGRESQL = (
    ANYWHERE,
    f"{{index}}.head @@ {{exact}}::tsquery AND {WHOLE_IN_HEAD}",
    f"{IN_HEAD} AND NOT {WHOLE_IN_HEAD}",
    f"{WHOLE_IN_BODY} AND NOT {IN_HEAD}",
    f"NOT {WHOLE_IN_BODY} AND NOT {IN_HEAD}",
)


class Matches(Lookup):
    """Whether the index of a row matches a query, in one tier of relevance. The strings of `SearchQuery` are bound."""

    lookup_name = "matches"
    prepare_rhs = False

    def __init__(self, lhs: Any, search_query: "SearchQuery | BoundParameter", tier: int = 0) -> None:
        super().__init__(lhs, search_query)
        self.tier = tier

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        index, params = compiler.compile(self.lhs)[0].rpartition(".")[0], []

        def replace_name(match: "re.Match[str]") -> str:
            """Return the replacement of a name in braces: the table, or a placeholder for a string of the query."""
            if match[1] == "index":
                return index
            params.append(call_when_bound(attrgetter(match[1]), self.rhs))
            return "%s"

        if connection.vendor == "postgresql":
            return f"({re.sub('{([a-z]+)}', replace_name, POSTGRESQL[self.tier])})", params
        match = call_when_bound(lambda query, tier=self.tier: query.tiers[tier - 1] if tier else query.match, self.rhs)
        return f'{index}."{self.lhs.target.model._meta.db_table}" MATCH %s', [match]


def search_condition(search_query: "SearchQuery | BoundParameter") -> Q:
    """Return the condition of rows that match a search, in any tier."""
    return Q(Matches(F("indexed__row_id"), search_query), indexed__isnull=False)


def tier_condition(search_query: "SearchQuery | BoundParameter", tier: int) -> Q:
    """Return the condition of one tier of relevance.

    Combine it with `search_condition`: on PostgreSQL a tier alone does not test that a row matches.
    """
    return Q(Matches(F("indexed__row_id"), search_query, tier))
