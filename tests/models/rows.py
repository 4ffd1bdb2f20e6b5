"""A second row of each model, for tests that write to each table in turn: `another` copies a row of the cast."""

from typing import Any

from django.apps import apps
from django.db import models

from accords.models import (
    Agreement,
    Citation,
    Clause,
    ClauseParty,
    Event,
    Participation,
    Party,
    Renewal,
    Source,
    Statement,
)

# Tables of ours that the API does not show, and why: no write to them changes an answer to a GET.
NOT_SHOWN = {
    "accords_copiedrow": "what a working copy changes is compared anew at every call",
    "accords_token": "who may call is asked anew at every call",
    "accords_tokenfailure": "the same",
    "accords_idempotencykey": "no GET answers with it",
    "accords_publicchange": "follows from the other tables",
    "accords_editorialchange": "the same",
    "accords_usedslug": "the same",
    "accords_webhook": "no GET of the API answers with it",
    "accords_webhookdelivery": "the same",
}
WRITTEN = apps.get_app_config("accords").get_models(include_auto_created=True)
# Records of the change log are only ever written with their row.
EVERY: list[type[models.Model]] = sorted(
    (model for model in WRITTEN if model._meta.managed and not hasattr(model, "instance_type")),
    key=lambda model: model.__name__,
)
TABLES = [model for model in EVERY if model._meta.db_table not in NOT_SHOWN]
# What must differ between two rows of one kind.
DIFFERENCE: dict[type[models.Model], dict[str, Any]] = {
    Agreement: {"slug": "another"},
    Citation: {"field": "title"},
    Clause: {"number": "another"},
    ClauseParty: {"role": "affected"},
    Event: {"number": "another"},
    Participation: {"role": "mentioned"},
    Party: {"slug": "another", "kind": "group"},
    Renewal: {"sequence": 99},
    Statement: {"number": "another"},
    Source: {"slug": "another"},
}


def another(model: type[models.Model]) -> models.Model:
    """Return an unsaved copy of the first row of a model that violates no unique constraint."""
    row: Any = model._default_manager.order_by("pk").first()
    fields = {
        field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields if not field.generated
    }
    return model(**fields | {"id": None} | DIFFERENCE.get(model, {}) | _another_party(model, row))


def _another_party(model: type[models.Model], row: Any) -> dict[str, int]:
    """Return another party for a row of participants or mentions."""
    return {"party_id": Party.objects.exclude(pk=row.party_id).latest("pk").pk} if model._meta.auto_created else {}
