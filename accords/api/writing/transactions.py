"""One write, whole or not at all: its transaction, and what the database may say against it."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Model, ProtectedError, RestrictedError, UniqueConstraint
from rest_framework import exceptions

from accords.api.errors import Conflict, ErrorItem, InUse
from accords.db.integrity_errors import explain, rule_of

Result = TypeVar("Result")
ATTEMPTS = 3
DEADLOCK = "40P01"  # PostgreSQL gave way to another transaction that waited for this one: nothing is wrong with it
SHOWN = 10


def whole(act: Callable[[], Result], user: Any) -> Result:
    """What `act` gives, in one transaction. Raises `Conflict` and `InUse` where others were faster or need a row."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return act()
        except (ProtectedError, RestrictedError) as error:
            raise InUse(needed(error, user)) from error
        except IntegrityError as error:
            raise conflict(error) from error
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != DEADLOCK or attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def conflict(error: IntegrityError) -> exceptions.APIException:
    """What the database refused although the models did not: someone else has written in the meantime."""
    rule = rule_of(error)
    unique = "unique" in str(error).lower()
    where = f"/{rule[1].fields[-1]}" if rule and isinstance(rule[1], UniqueConstraint) else ""
    detail = explain(error) if rule or not unique else "Another row has this value already."
    return Conflict([ErrorItem(where, "unique" if unique else "refused", detail)])


def needed(error: ProtectedError | RestrictedError, user: Any) -> str:
    """Which rows need the one that was to go, as far as the caller may see them."""
    rows = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    by_model: dict[type[Model], set[int]] = {}
    for row in rows:
        by_model.setdefault(type(row), set()).add(row.pk)
    told, hidden = [], False
    for model, ids in by_model.items():
        seen = set(model._default_manager.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))  # type: ignore[attr-defined]
        hidden |= seen != ids
        told += [f"{model._meta.verbose_name} {pk}" for pk in sorted(seen)]
    more = ["others"] if len(told) > SHOWN else []
    named = [*told[:SHOWN], *more, *(["rows that you may not see"] if hidden else [])]
    return f"It cannot be deleted, for it is needed by {', '.join(named)}."
