"""Nothing is left out: rules, words, filters, descriptions, admins, permissions, checks."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.urls import get_resolver

from accords.api.permissions import ModelPermissions
from accords.api.resource import Resource
from accords.api.urls import RESOURCES
from accords.db.constraints import BoundsAgree, FieldCheck, IsEdtf
from accords.db.fields import Edtf, EdtfBound
from accords.rules.status import AFTER_PERIOD
from accords.rules.terms import BOUNDARIES
from accords.vocabulary import RenewalMode

MODELS = sorted(
    (
        model
        for model in apps.get_app_config("accords").get_models()
        if model._meta.managed and not hasattr(model, "instance_type")
    ),
    key=lambda model: model.__name__,
)  # records of the change log repeat their model, indexes of search are no rows

# Served fields that no filter asks for, and why.
NO_FILTER = {
    "created_at": "created_at__gte and __lte ask for it",
    "updated_at": "updated_at__gte and __lte ask for it",
    "url": "made of the id or slug",
    "id": "id__in asks for it",
    "target": "target and the relations ask for it",
    "selector": "made of exact, prefix, suffix, start and end",
    "prefix": "context of a quotation, not a claim",
    "suffix": "context of a quotation, not a claim",
    "citations": "source asks for them",
    "parties": "party and the roles ask for them",
    "clauses": "the clauses' own list asks for them",
    "renewals": "the renewals' own list asks for them",
    "events": "the events' own list asks for them",
    "statements": "the statements' own list asks for them",
    "missing": "made of the fields it names, each of which can be asked for",
    "recurrence": "made of the terms",
    "condition": "made of the terms",
    "opens": "made of the terms",
    "delta_unit": "made of the unit",
    "text": "q searches it",
    "proposition": "q searches it",
    "name": "q searches it",
    "aliases": "q searches them",
}
ASKED_OTHERWISE = {
    "hs_codes": "hs_code",
    "renewal_intervals": "renewal_interval",
    "topics": "topic",
    "participants": "participant",
    "original_url": "url",
}

NO_ADMIN = {
    "IdempotencyKey": "kept by the API for a day, for nobody to edit",
    "PublicChange": "written by the database alone, and read in the API",
    "EditorialChange": "the same",
    "UsedSlug": "written by the database alone, and never changed",
    "CopiedRow": "written with a working copy: which row each of its rows is a copy of",
}


def fields_of(model: type[models.Model], kind: type[models.Field]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if isinstance(field, kind)]


def checks(model: type[models.Model]) -> list[FieldCheck]:
    """Return the check constraints of a model."""
    return [rule for rule in model._meta.constraints if isinstance(rule, FieldCheck)]


def test_every_renewal_mode_has_its_rules() -> None:
    assert set(BOUNDARIES) == set(RenewalMode.values) == set(AFTER_PERIOD)


@pytest.mark.parametrize("model", MODELS)
def test_every_field_is_explained(model: type[models.Model]) -> None:
    own = [field for field in model._meta.get_fields() if not field.auto_created and getattr(field, "serialize", True)]
    silent = [field.name for field in own if not getattr(field, "help_text", "") and "_low" not in field.name]
    assert [name for name in silent if not name.endswith("_high")] == []


@pytest.mark.parametrize("model", MODELS)
def test_every_model_has_an_admin(model: type[models.Model]) -> None:
    assert admin.site.is_registered(model) != (model.__name__ in NO_ADMIN)


@pytest.mark.parametrize("model", MODELS)
def test_every_uncertain_date_has_its_bounds_and_the_database_checks_them(model: type[models.Model]) -> None:
    dates = {field.name for field in fields_of(model, Edtf)}
    bounds = {(field.of, field.side) for field in fields_of(model, EdtfBound)}
    assert bounds == {(name, side) for name in dates for side in ("earliest", "latest")}
    checked = {(rule.field, type(part)) for rule in checks(model) for part in rule.condition.children}
    assert checked >= {(name, check) for name in dates for check in (IsEdtf, BoundsAgree)}


@pytest.mark.parametrize("model", MODELS)
def test_every_vocabulary_is_closed_in_the_database(model: type[models.Model]) -> None:
    worded = {field.name for field in model._meta.concrete_fields if field.choices}
    closed = {
        part[0].removesuffix("__in")
        for rule in checks(model)
        for part in rule.condition.children
        if isinstance(part, tuple)
    }
    assert worded <= closed


@pytest.mark.parametrize("name", RESOURCES)
def test_every_served_field_has_a_filter_or_a_reason(name: str) -> None:
    view = RESOURCES[name]
    filters = set(view.filterset_class.base_filters)
    served = [field for field in view.serializer_class.field_names() if not field.endswith(("_earliest", "_latest"))]
    unasked = [
        field
        for field in served
        if field not in NO_FILTER
        and not any(key == ASKED_OTHERWISE.get(field, field) or key.startswith(f"{field}_") for key in filters)
    ]
    assert unasked == []


def test_no_reason_is_left_over() -> None:
    served = {field for view in RESOURCES.values() for field in view.serializer_class.field_names()}
    assert NO_FILTER.keys() | ASKED_OTHERWISE.keys() <= served
    filters = {name for view in RESOURCES.values() for name in view.filterset_class.base_filters}
    assert set(ASKED_OTHERWISE.values()) <= filters


def test_every_parameter_is_explained() -> None:
    kinds = {
        (name, key): kind for name, view in RESOURCES.items() for key, kind in view.filterset_class.base_filters.items()
    }
    assert [key for key, kind in kinds.items() if len(kind.help_text) < 10 or not kind.schema] == []


def test_every_address_of_the_api_has_a_permission() -> None:
    includes = [entry for entry in get_resolver().url_patterns if hasattr(entry, "url_patterns")]
    views = [pattern.callback for entry in includes for pattern in entry.url_patterns]
    resources = [view.cls for view in views if hasattr(view, "cls") and issubclass(view.cls, Resource)]
    assert len(resources) >= 2 * len(RESOURCES)
    assert all(ModelPermissions in view.permission_classes for view in resources)
