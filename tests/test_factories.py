"""`factories.deal` saves its rows without validation; they are valid."""

import pytest
from django.apps import apps

from accords.db.audit_log import AuditRecord
from tests import factories


@pytest.mark.django_db
def test_every_row_of_the_deal_keeps_its_own_rules() -> None:
    factories.deal()
    models = [model for model in apps.get_app_config("accords").get_models() if not issubclass(model, AuditRecord)]
    rows = [row for model in models for row in model._default_manager.all()]
    assert {type(row).__name__ for row in rows} >= {"Agreement", "Clause", "ClauseParty", "Participation", "Citation"}
    for row in rows:
        row.full_clean()
