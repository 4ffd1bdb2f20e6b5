"""Check constraints whose messages belong to a field."""

import operator
from collections.abc import Callable, Collection, Iterator
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F, Func, Model, Q, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from accords.vocabulary import Word

# `accords.rules.edtf` in SQL, kept short: SQLite parses it on every new connection, and compiles it for every new
# statement that writes the column. The patterns have the same meaning for GLOB (SQLite) and SIMILAR TO (PostgreSQL).
# {d} is a date without qualifiers at its end (INTERVAL refuses two); `%%` is one `%`.
ONE_DATE = """CASE
 WHEN substr({d}, 1, 4) = '0000' THEN FALSE
 WHEN {d} {like} '[0-9][0-9][0-9][0-9X]' OR {d} {like} '[0-9][0-9]XX' OR {d} {like} '[0-9][0-9][0-9][0-9]-2[1-4]'
  OR {d} {like} '[0-9][0-9][0-9][0-9]-XX' OR {d} {like} '[0-9][0-9][0-9][0-9]-XX-XX' THEN TRUE
 WHEN substr({d}, 6, 2) NOT BETWEEN '01' AND '12' THEN FALSE
 WHEN {d} {like} '[0-9][0-9][0-9][0-9]-[0-9][0-9]' OR {d} {like} 'XXXX-[0-9][0-9]'
  OR {d} {like} '[0-9][0-9][0-9][0-9]-[0-9][0-9]-XX' THEN TRUE
 WHEN {d} {like} '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' OR {d} {like} 'XXXX-[0-9][0-9]-[0-9][0-9]'
  THEN substr({d}, 9) BETWEEN '01' AND {last_day}
 ELSE FALSE END"""
# The first day of the month of a day {d}; a day without a year may be 29 February.
MONTH_START = "substr(replace({d}, 'XXXX', '2000'), 1, 8) || '01'"
LAST_DAY = {  # of the month; SQLite has none for December 9999, where its calendar ends
    "sqlite": "coalesce(substr(date({month_start}, '+1 month', '-1 day'), 9), '31')",
    "postgresql": "to_char(({month_start})::date + interval '1 month -1 day', 'DD')",
}
INTERVAL = """({text} = '' OR (({left} IN ('', '..') OR {start}) AND ({right} IN ('', '..') OR {end})
 AND {text} NOT IN ('..', '/', '../', '/..', '../..')
 AND {position}(replace(replace({text}, '~', '?'), '%%', '?'), '??') = 0))"""
FULL_DATE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
BOUNDS = """(CASE WHEN {text} = '' THEN {first} IS NULL AND {last} IS NULL
 WHEN {text} {like} '{full}'
  THEN {first} IS NOT NULL AND {last} IS NOT NULL AND {first_text} = {text} AND {last_text} = {text}
 ELSE {first} IS NULL OR {last} IS NULL OR {first} <= {last} END)"""


def edtf_sql(text: str, vendor: str) -> str:
    """Return SQL that tests whether a text is blank or an EDTF date, for SQLite or PostgreSQL.

    It does not compare the sides of an interval: `bounds_sql` does, by their bounds.
    """
    like, position = ("SIMILAR TO", "strpos") if vendor == "postgresql" else ("GLOB", "instr")
    slash = f"{position}({text} || '/', '/')"  # its position, or one past the end if there is none
    left, right = f"substr({text}, 1, {slash} - 1)", f"substr({text}, {slash} + 1)"

    def one_date(sql: str) -> str:
        """Return SQL that tests whether an SQL expression is a single date."""
        unqualified = f"rtrim({sql}, '?~%%')"
        last_day = LAST_DAY[vendor].format(month_start=MONTH_START.format(d=unqualified))
        return f"({ONE_DATE.format(d=unqualified, like=like, last_day=last_day)})"

    start, end = one_date(left), one_date(right)
    return INTERVAL.format(text=text, position=position, left=left, right=right, start=start, end=end)


def bounds_sql(text: str, first: str, last: str, vendor: str) -> str:
    """Return SQL that tests whether two dates are bounds of an EDTF text, for SQLite or PostgreSQL."""
    like, as_text = ("SIMILAR TO", "to_char({}::timestamp, 'YYYY-MM-DD')") if vendor == "postgresql" else ("GLOB", "{}")
    names = {"text": text, "first": first, "last": last, "like": like, "full": FULL_DATE}
    return BOUNDS.format(**names, first_text=as_text.format(first), last_text=as_text.format(last))


class RowCheck(Func):
    """A condition on the columns of one row. On PostgreSQL it is a function of the database.

    PostgreSQL plans each check constraint of a table anew for each statement that writes, except what is in a function.
    """

    output_field = models.BooleanField()
    conditional = True
    sql: ClassVar[Callable[..., str]]  # returns the condition written out

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        """Return the condition written out.

        Constraints pass columns, whose SQL has no parameters. Those of the first expression are repeated wherever it
        occurs; those of others are not supported.
        """
        columns = [compiler.compile(expression) for expression in self.source_expressions]
        sql = self.sql(*(column for column, _ in columns), vendor="sqlite")
        return sql, tuple(columns[0][1]) * sql.count(columns[0][0])


class IsEdtf(RowCheck):
    """Whether a text column is blank or an EDTF date."""

    arity = 1
    function = "accords_is_edtf"
    sql = staticmethod(edtf_sql)


class BoundsAgree(RowCheck):
    """Whether two bounds fit their EDTF text: null if it is blank, equal to a full date, in order."""

    arity = 3
    function = "accords_bounds_agree"
    sql = staticmethod(bounds_sql)


FUNCTIONS = {
    "accords_is_edtf(value text)": edtf_sql("value", "postgresql"),
    "accords_bounds_agree(value text, first date, last date)": bounds_sql("value", "first", "last", "postgresql"),
}


def create_functions(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the functions that PostgreSQL's constraints call, before the tables."""
    for signature, sql in FUNCTIONS.items() if schema_editor.connection.vendor == "postgresql" else ():
        schema_editor.execute(
            f"CREATE FUNCTION {signature} RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$\n"
            f"BEGIN\n RETURN {sql.replace('%%', '%')};\nEND $$",
            params=None,
        )


def drop_functions(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for signature in FUNCTIONS if schema_editor.connection.vendor == "postgresql" else ():
        schema_editor.execute(f"DROP FUNCTION {signature}", params=None)


class FieldCheck(models.CheckConstraint):
    """A check constraint whose violation is an error of `field`.

    With `database_only`, `full_clean` skips it, because a validator of the field has the better message.
    """

    def __init__(self, *, field: str = "", database_only: bool = False, **kwargs: Any) -> None:
        self.field, self.database_only = field, database_only
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, Any, Any]:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"field": self.field, "database_only": self.database_only}

    def validate(self, model: type[Model], instance: Model, exclude: Any = None, using: str = "default") -> None:
        """Raise `ValidationError` for the field, or for the row if the field is in `exclude`.

        Django evaluates the condition by a query; here that takes none.
        """
        if self.database_only:
            return
        try:
            if holds(self.condition, instance, exclude or ()) is not False:
                return
        except ExcludedField:
            return
        error = ValidationError(self.get_violation_error_message(), code=self.violation_error_code)
        has_field = self.field and self.field not in (exclude or ())
        raise ValidationError({self.field: error} if has_field else error)


class ExcludedField(Exception):
    """The condition of a constraint needs a field that is not validated."""


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "contains": operator.contains,
    "in": lambda value, values: value in values,
}
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub}


def holds(condition: Any, row: models.Model, exclude: Collection[str] = ()) -> bool | None:
    """Return whether a condition holds for a row, as SQL does: None if that depends on a null.

    Raises `ExcludedField` for a field in `exclude`, `NotImplementedError` for expressions that no constraint uses.
    """
    if isinstance(condition, Q):
        results = [holds(child, row, exclude) for child in condition.children]
        decided = condition.connector == Q.OR
        result = decided if decided in results else None if None in results else not decided
        return result if not condition.negated or result is None else not result
    if not isinstance(condition, tuple):
        raise NotImplementedError(f"{condition!r} in a constraint")
    name, _, comparison = condition[0].partition("__")
    value = _value_of(F(name), row, exclude)
    if comparison == "isnull":
        return (value is None) == condition[1]
    operand = _value_of(condition[1], row, exclude)
    if value is None or operand is None:
        return None
    return _operator(COMPARISONS, comparison or "exact")(value, operand)


def _operator(operators: dict[str, Callable[[Any, Any], Any]], name: str) -> Callable[[Any, Any], Any]:
    if name not in operators:
        raise NotImplementedError(f"{name} in a constraint")
    return operators[name]


def _value_of(expression: Any, row: models.Model, exclude: Collection[str]) -> Any:
    """Return the value of an expression for a row, None for null.

    Raises as `holds` does.
    """
    if isinstance(expression, F):
        (name,) = expression.deconstruct()[1]
        if name in exclude:
            raise ExcludedField(name)
        field: Any = row._meta.get_field(name)
        return getattr(row, field.attname)
    if isinstance(expression, CombinedExpression):
        sides = [_value_of(side, row, exclude) for side in expression.get_source_expressions()]
        return None if None in sides else _operator(ARITHMETIC, expression.connector)(*sides)
    if isinstance(expression, Value):
        return expression.value
    if hasattr(expression, "resolve_expression"):
        raise NotImplementedError(f"{expression!r} in a constraint")
    return expression


def one_of(field: str, vocabulary: type[Word], *, blank: bool = False) -> FieldCheck:
    """Return a constraint for a `word_field` of this vocabulary; `blank` allows a blank too."""
    values = [*map(str, vocabulary.values), *([""] if blank else [])]
    return FieldCheck(
        condition=Q(**{f"{field}__in": values}), name=f"%(class)s_{field}_known", field=field, database_only=True
    )


def valid_edtf(*fields: str) -> Iterator[FieldCheck]:
    """Yield constraints for `edtf_field`s: against impossible dates, and bounds that contradict their date."""
    for field in fields:
        yield FieldCheck(condition=Q(IsEdtf(F(field))), name=f"%(class)s_{field}_edtf", field=field, database_only=True)
        bounds = BoundsAgree(F(field), F(f"{field}_earliest"), F(f"{field}_latest"))
        yield FieldCheck(condition=Q(bounds), name=f"%(class)s_{field}_bounds", field=field, database_only=True)


def calendar_duration(*fields: str) -> Iterator[FieldCheck]:
    """Yield constraints for `duration_field`s of dates: no hours, minutes and seconds (`T`: ISO 8601-1, 5.5.2.2)."""
    for field in fields:
        yield FieldCheck(
            condition=~Q((f"{field}__contains", "T")),
            name=f"%(class)s_{field}_calendar",
            field=field,
            violation_error_code="not_calendar",
            violation_error_message=_("Hours cannot be added to a date: write years, months, weeks or days."),
        )


def not_blank(*fields: str) -> Iterator[FieldCheck]:
    """Yield constraints against empty texts."""
    for field in fields:
        yield FieldCheck(
            condition=~Q(**{field: ""}), name=f"%(class)s_{field}_not_blank", field=field, database_only=True
        )


def country_code(field: str = "country") -> FieldCheck:
    """Return a constraint for an ISO 3166-1 alpha-2 code that may be blank."""
    has_two_letters = Q(Exact(Length(F(field)), 2))
    return FieldCheck(
        condition=Q(**{field: ""}) | has_two_letters, name=f"%(class)s_{field}_alpha2", field=field, database_only=True
    )


def not_itself(field: str) -> FieldCheck:
    """Return a constraint against a row that refers to itself."""
    return FieldCheck(
        condition=Q(**{f"{field}__isnull": True}) | ~Q(**{field: F("id")}),
        name=f"%(class)s_{field}_other",
        field=field,
        violation_error_code="itself",
        violation_error_message=_("It cannot point at itself."),
    )
