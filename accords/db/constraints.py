"""Rules about one row, kept by the database and told to people beside the field they concern."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from accords.vocabulary import Word

# The database's reading of `accords.rules.edtf`, in plain SQL so that any client of the database obeys it. Patterns
# mean the same to SQLite's GLOB and PostgreSQL's SIMILAR TO. {d} is one date without its qualifier; `%%` is one `%`.
ONE_DATE = """CASE
 WHEN substr({d}, 1, 4) = '0000' THEN FALSE
 WHEN {d} {like} '[0-9][0-9][0-9][0-9]' OR {d} {like} '[0-9][0-9][0-9]X' OR {d} {like} '[0-9][0-9]XX'
  OR {d} {like} '[0-9][0-9][0-9][0-9]-XX' OR {d} {like} '[0-9][0-9][0-9][0-9]-XX-XX' THEN TRUE
 WHEN {d} {like} '[0-9][0-9][0-9][0-9]-[0-9][0-9]'
  THEN substr({d}, 6, 2) BETWEEN '01' AND '12' OR substr({d}, 6, 2) BETWEEN '21' AND '24'
 WHEN {d} {like} 'XXXX-[0-9][0-9]' OR {d} {like} '[0-9][0-9][0-9][0-9]-[0-9][0-9]-XX'
  THEN substr({d}, 6, 2) BETWEEN '01' AND '12'
 WHEN {d} {like} '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' OR {d} {like} 'XXXX-[0-9][0-9]-[0-9][0-9]'
  THEN substr({d}, 6, 2) BETWEEN '01' AND '12' AND substr({d}, 9, 2) BETWEEN '01' AND CASE
   WHEN substr({d}, 6, 2) IN ('04', '06', '09', '11') THEN '30'
   WHEN substr({d}, 6, 2) <> '02' THEN '31'
   WHEN {year} %% 4 = 0 AND ({year} %% 100 <> 0 OR {year} %% 400 = 0) THEN '29'
   ELSE '28' END
 ELSE FALSE END"""
YEAR = "CAST(replace(substr({d}, 1, 4), 'XXXX', '2000') AS integer)"
BARE = "(CASE WHEN substr({d}, length({d})) IN ('?', '~', '%%') THEN substr({d}, 1, length({d}) - 1) ELSE {d} END)"
INTERVAL = """(CASE WHEN {text} = '' THEN TRUE WHEN {cut} = 0 THEN {whole}
 ELSE ({left} IN ('', '..') OR {start}) AND ({right} IN ('', '..') OR {end})
  AND NOT ({left} IN ('', '..') AND {right} IN ('', '..')) END)"""
FULL_DATE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
BOUNDS = """(CASE WHEN {text} = '' THEN {first} IS NULL AND {last} IS NULL
 WHEN {text} {like} '{full}'
  THEN {first} IS NOT NULL AND {last} IS NOT NULL AND {first_text} = {text} AND {last_text} = {text}
 ELSE {first} IS NULL OR {last} IS NULL OR {first} <= {last} END)"""


def _one_date(sql: str, like: str) -> str:
    """The SQL that says whether `sql` is one EDTF date with at most one qualifier."""
    bare = BARE.format(d=sql)
    return f"({ONE_DATE.format(d=bare, like=like, year=YEAR.format(d=bare))})"


def _matches(connection: BaseDatabaseWrapper) -> str:
    """The operator that matches a whole text against bracketed characters."""
    return "SIMILAR TO" if connection.vendor == "postgresql" else "GLOB"


class RowCheck(Func):
    """A yes-or-no question about one row's own columns."""

    output_field = models.BooleanField()
    conditional = True


class IsEdtf(RowCheck):
    """Whether a text column holds an EDTF date or nothing."""

    arity = 1

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # type: ignore[override]
        """Write the question out."""
        text, params = compiler.compile(self.source_expressions[0])
        cut = f"{'strpos' if connection.vendor == 'postgresql' else 'instr'}({text}, '/')"
        left = f"(CASE WHEN {cut} > 0 THEN substr({text}, 1, {cut} - 1) ELSE '' END)"
        right = f"substr({text}, {cut} + 1)"
        whole, start, end = (_one_date(sql, _matches(connection)) for sql in (text, left, right))
        sql = INTERVAL.format(text=text, cut=cut, left=left, right=right, whole=whole, start=start, end=end)
        return sql, tuple(params) * sql.count(text)


class BoundsAgree(RowCheck):
    """Whether two bound columns fit their EDTF text: null for nothing, equal to a full date, in order."""

    arity = 3

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # type: ignore[override]
        """Write the question out."""
        text, first, last = (compiler.compile(expression)[0] for expression in self.source_expressions)
        as_text = "to_char({}, 'YYYY-MM-DD')" if connection.vendor == "postgresql" else "{}"
        names = {"text": text, "first": first, "last": last, "like": _matches(connection), "full": FULL_DATE}
        return BOUNDS.format(**names, first_text=as_text.format(first), last_text=as_text.format(last)), ()


class RowRule(models.CheckConstraint):
    """A check whose message stands beside the field it concerns.

    `field` names that field. With `told=False` the field's own validators say it better and only the database checks.
    """

    def __init__(self, *, field: str = "", told: bool = True, **kwargs: Any) -> None:
        """Keep where the message belongs."""
        self.field, self.told = field, told
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, Any, Any]:
        """Name both arguments in migrations."""
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"field": self.field, "told": self.told}

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Raise the message beside the field, unless that field is left out."""
        if not self.told:
            return
        try:
            super().validate(model, instance, exclude=exclude, using=using)
        except ValidationError as error:
            beside = self.field and self.field not in (exclude or ())
            raise ValidationError({self.field: error} if beside else error) from error


def one_of(field: str, vocabulary: type[Word]) -> RowRule:
    """The database refuses a word that the vocabulary does not have."""
    words = [str(value) for value in vocabulary.values]
    return RowRule(condition=Q(**{f"{field}__in": words}), name=f"%(class)s_{field}_known", field=field, told=False)


def edtf_kept(*fields: str) -> Iterator[RowRule]:
    """The database refuses an impossible date, and bounds that contradict their date."""
    for field in fields:
        yield RowRule(condition=Q(IsEdtf(F(field))), name=f"%(class)s_{field}_edtf", field=field, told=False)
        bounds = BoundsAgree(F(field), F(f"{field}_earliest"), F(f"{field}_latest"))
        yield RowRule(condition=Q(bounds), name=f"%(class)s_{field}_bounds", field=field, told=False)


def calendar_only(*fields: str) -> Iterator[RowRule]:
    """No hours, minutes or seconds where a date is counted from a duration: it has no `T` (ISO 8601-1, 5.5.2.2)."""
    for field in fields:
        yield RowRule(
            condition=~Q((f"{field}__contains", "T")),
            name=f"%(class)s_{field}_calendar",
            field=field,
            violation_error_code="not_calendar",
            violation_error_message="Hours cannot be added to a date: write years, months, weeks or days.",
        )


def not_blank(*fields: str) -> Iterator[RowRule]:
    """The database refuses an empty text where one is needed."""
    for field in fields:
        yield RowRule(condition=~Q(**{field: ""}), name=f"%(class)s_{field}_given", field=field, told=False)


def country_code(field: str = "country") -> RowRule:
    """The database refuses what cannot be an ISO 3166-1 alpha-2 code; blank = not stated."""
    two = Q(Exact(Length(F(field)), 2))
    return RowRule(condition=Q(**{field: ""}) | two, name=f"%(class)s_{field}_alpha2", field=field, told=False)


def not_itself(field: str) -> RowRule:
    """No row points at itself."""
    return RowRule(
        condition=Q(**{f"{field}__isnull": True}) | ~Q(**{field: F("id")}),
        name=f"%(class)s_{field}_other",
        field=field,
        violation_error_code="itself",
        violation_error_message="It cannot point at itself.",
    )
