"""The message and the field of an error that the database raises for a constraint or a trigger."""

import re
from collections.abc import Sequence

from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError
from django.db.models import Model, ProtectedError, RestrictedError, UniqueConstraint
from django.db.models.constraints import BaseConstraint
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accords.db import quote_triggers, relation_triggers, slug_triggers

# PostgreSQL names the constraint; so does SQLite, except for a unique one: there it names the columns.
_NAMES = re.compile(r"\w+(?:\.\w+)?")


TRIGGERS: dict[str, tuple[str, str]] = (  # message and field
    quote_triggers.REFUSALS | relation_triggers.refusals() | slug_triggers.REFUSALS
)
FOREIGN_KEY = "23503"  # PostgreSQL's sqlstate


def explain(error: DatabaseError) -> str:
    """Return the reason for a refusal, in the language of the reader."""
    if isinstance(error, ProtectedError | RestrictedError):
        rows = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
        return _("Other rows need it: %s.") % get_text_list([str(row) for row in list(rows)[:10]], _("and"))
    rule = rule_of(error)
    if rule is not None:
        return message_of(rule[1], rule[0]())
    if trigger := _trigger_of(error):
        return _(TRIGGERS[trigger][0])
    if getattr(error.__cause__, "sqlstate", "") == FOREIGN_KEY or "FOREIGN KEY" in str(error):
        return _("A related row was deleted or added in the meantime. Read the rows again and repeat your change.")
    return _("The database refused this: %s") % str(error).split("\n")[0]


def refused_field(error: DatabaseError) -> str:
    """Return the field that a refusal is about; empty if it is about none."""
    rule = rule_of(error)
    if rule is None:
        return TRIGGERS[trigger][1] if (trigger := _trigger_of(error)) else ""
    if isinstance(rule[1], UniqueConstraint):
        return str(rule[1].fields[-1])
    return str(getattr(rule[1], "field", ""))


def is_duplicate(error: DatabaseError) -> bool:
    """Return whether a write is refused because another row has the value, or had the slug."""
    return "unique" in str(error).lower() or _trigger_of(error) in slug_triggers.REFUSALS


def _trigger_of(error: DatabaseError) -> str:
    """Return the name of the trigger that refused a write; empty if none did."""
    return next((name for name in TRIGGERS if name in str(error)), "")


def rule_of(error: DatabaseError) -> tuple[type[Model], BaseConstraint] | None:
    """Return the constraint that an error names, with its model; None if it names none of ours."""
    named = set(_NAMES.findall(str(error)))
    for model in apps.get_app_config("accords").get_models():
        for constraint in model._meta.constraints:
            if constraint.name in named or named >= _columns(constraint, model):
                return model, constraint
    return None


def message_of(constraint: BaseConstraint, row: Model) -> str:
    """Return the message of a constraint, or Django's own about values that must be unique together."""
    if isinstance(constraint, UniqueConstraint) and not _has_own_message(constraint):
        return str(row.unique_error_message(type(row), constraint.fields).messages[0])
    return str(constraint.get_violation_error_message())


def fields_of(problem: ValidationError, row: Model) -> Sequence[str]:
    """Return the fields that an error of a whole row is about, if its constraint names some."""
    if problem.code in ("unique", "unique_together") and problem.params:
        return tuple(problem.params["unique_check"])
    for constraint in row._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and problem.message == message_of(constraint, row):
            return tuple(constraint.fields)
    return ()


def by_field(errors: ValidationError) -> dict[str, list[ValidationError]]:
    """Return validation errors by field; those of the whole row under `NON_FIELD_ERRORS`."""
    if hasattr(errors, "error_dict"):
        return dict(errors.error_dict)
    return {NON_FIELD_ERRORS: errors.error_list}


def _has_own_message(constraint: BaseConstraint) -> bool:
    return constraint.violation_error_message != constraint.default_violation_error_message


def _columns(constraint: BaseConstraint, model: type[Model]) -> set[str]:
    """Return the columns by which SQLite names a unique constraint; for others a word that is in no message."""
    if not isinstance(constraint, UniqueConstraint):
        return {""}
    return {f"{model._meta.db_table}.{model._meta.get_field(name).column}" for name in constraint.fields}  # type: ignore[union-attr]
