"""The message and the field of an error that the database raises for a constraint or a trigger."""

import re
from collections.abc import Iterator, Sequence

from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError
from django.db.models import Model, ProtectedError, RestrictedError, UniqueConstraint
from django.db.models.constraints import BaseConstraint
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accords.db import quote_triggers, relation_triggers, slug_triggers

# Words of an error message that may be the name of a constraint or `table.column`. PostgreSQL names the constraint; so
# does SQLite, except for a unique one: there it names the columns.
_NAMES = re.compile(r"\w+(?:\.\w+)?")


TRIGGERS: dict[str, tuple[str, str]] = (  # message and field by the name that the trigger raises
    quote_triggers.ERROR_MESSAGES | relation_triggers.error_messages() | slug_triggers.ERROR_MESSAGES
)
FOREIGN_KEY = "23503"  # PostgreSQL's sqlstate


def explain(error: DatabaseError) -> str:
    """Return the message of an error that the database raised, in the active language."""
    if isinstance(error, ProtectedError | RestrictedError):
        rows = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
        return _("Other rows need it: %s.") % get_text_list([str(row) for row in list(rows)[:10]], _("and"))
    if violated := violated_constraint(error):
        model, constraint = violated
        return constraint_message(constraint, model())
    if trigger := _trigger_name(error):
        return _(TRIGGERS[trigger][0])
    if getattr(error.__cause__, "sqlstate", "") == FOREIGN_KEY or "FOREIGN KEY" in str(error):
        return _("A related row was deleted or added in the meantime. Read the rows again and repeat your change.")
    return _("The database refused this: %s") % str(error).split("\n")[0]


def error_field(error: DatabaseError) -> str:
    """Return the field that an error concerns: the last one of a unique constraint. Empty if it concerns none."""
    violated = violated_constraint(error)
    if violated is None:
        return TRIGGERS[trigger][1] if (trigger := _trigger_name(error)) else ""
    _model, constraint = violated
    if isinstance(constraint, UniqueConstraint):
        return str(constraint.fields[-1])
    return str(getattr(constraint, "field", ""))


def is_duplicate(error: DatabaseError) -> bool:
    """Return whether an error says that another row has the value, or had the slug."""
    return "unique" in str(error).lower() or _trigger_name(error) in slug_triggers.ERROR_MESSAGES


def _trigger_name(error: DatabaseError) -> str:
    """Return the name that one of our triggers raised; empty if the error is none of theirs."""
    return next((name for name in TRIGGERS if name in str(error)), "")


def violated_constraint(error: DatabaseError) -> tuple[type[Model], BaseConstraint] | None:
    """Return the constraint that an error names, with its model; None if it names none of ours."""
    names = set(_NAMES.findall(str(error)))
    for model in apps.get_app_config("accords").get_models():
        for constraint in (*model._meta.constraints, *_constraints_of_unique_fields(model)):
            if constraint.name in names or names >= _unique_columns(constraint, model):
                return model, constraint
    return None


def constraint_message(constraint: BaseConstraint, row: Model) -> str:
    """Return the message of a constraint, or Django's own about values that must be unique together."""
    if isinstance(constraint, UniqueConstraint) and not _has_own_message(constraint):
        return str(row.unique_error_message(type(row), constraint.fields).messages[0])
    return str(constraint.get_violation_error_message())


def unique_fields(error: ValidationError, row: Model) -> Sequence[str]:
    """Return the fields that must be unique together, if an error of a whole row says that they are not.

    Django's own error has their names in its parameters; a constraint with its own message is found by that.
    """
    if error.code in ("unique", "unique_together") and error.params:
        return tuple(error.params["unique_check"])
    for constraint in row._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and error.message == constraint_message(constraint, row):
            return tuple(constraint.fields)
    return ()


def by_field(errors: ValidationError) -> dict[str, list[ValidationError]]:
    """Return validation errors by field; those of the whole row under `NON_FIELD_ERRORS`."""
    if hasattr(errors, "error_dict"):
        return dict(errors.error_dict)
    return {NON_FIELD_ERRORS: errors.error_list}


def _has_own_message(constraint: BaseConstraint) -> bool:
    """Return whether a constraint has another message than Django's default."""
    return constraint.violation_error_message != constraint.default_violation_error_message


def _constraints_of_unique_fields(model: type[Model]) -> Iterator[UniqueConstraint]:
    """Yield a constraint for each field with `unique=True`, under the name that PostgreSQL gives it."""
    for field in model._meta.concrete_fields:
        if field.unique and not field.primary_key:
            yield UniqueConstraint(fields=[field.name], name=f"{model._meta.db_table}_{field.column}_key")


def _unique_columns(constraint: BaseConstraint, model: type[Model]) -> set[str]:
    """Return the columns by which SQLite names a unique constraint; for others `{""}`, which no message contains."""
    if not isinstance(constraint, UniqueConstraint):
        return {""}
    return {f"{model._meta.db_table}.{model._meta.get_field(name).column}" for name in constraint.fields}  # type: ignore[union-attr]  # unique fields have a column
