"""One transaction per write request, and what a refusal of the database means to the caller."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Model, ProtectedError, RestrictedError

from accords.api.errors import Conflict, ErrorItem, InUse
from accords.db.integrity_errors import explain, refused_field, rule_of

ATTEMPTS = 3
DEADLOCK = "40P01"  # PostgreSQL's sqlstate
MAX_NAMED = 10


def atomic_with_retry(action: Callable[..., Any]) -> Callable[..., Any]:
    """Run an action of a viewset in a transaction, again if PostgreSQL ends it because of a deadlock.

    The body is read first, so that a slow client holds no locks. Raises `Conflict` or `InUse` where the database
    refuses what validation has let pass, because another writer was faster.
    """

    @wraps(action)
    def run(view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.data  # noqa: B018 - reads and parses the body
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    return action(view, request, *args, **kwargs)
            except (ProtectedError, RestrictedError) as error:
                raise InUse(users_of(error, request.user)) from error
            except IntegrityError as error:
                raise conflict(error) from error
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") != DEADLOCK or attempt == ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")

    return run


def conflict(error: IntegrityError) -> Conflict:
    """Return the conflict with what another writer has stored in the meantime."""
    unique = "unique" in str(error).lower()
    known = rule_of(error) is not None or not unique
    detail = explain(error) if known else "Another row has this value already."
    field = refused_field(error)
    return Conflict([ErrorItem(f"/{field}" if field else "", "unique" if unique else "refused", detail)])


def users_of(error: ProtectedError | RestrictedError, user: Any) -> str:
    """Return a sentence that names the rows which prevent a deletion, as far as the user may see them."""
    rows = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    by_model: dict[type[Model], set[int]] = {}
    for row in rows:
        by_model.setdefault(type(row), set()).add(row.pk)
    names: list[str] = []
    hidden = False
    for model, ids in by_model.items():
        seen = set(model._default_manager.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))  # type: ignore[attr-defined]
        hidden |= seen != ids
        names += [f"{model._meta.verbose_name} {pk}" for pk in sorted(seen)]
    more = ["others"] if len(names) > MAX_NAMED else []
    named = [*names[:MAX_NAMED], *more, *(["rows that you may not see"] if hidden else [])]
    return f"This row cannot be deleted because other rows refer to it: {', '.join(named)}."
