"""The read path and REST framework's own rendering give the same bytes: every resource, field, expansion and order."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from tests.api.addresses import LISTS, ROWS, Address, by_address, separating_sets, url
from tests.api.reference import rendered_list
from tests.api.world import World
from tests.clients import Client

DAY = "on=2026-11-23"


def shapes(address: Address) -> list[str]:
    """Return queries for sets of fields, and with all expansions; tests/api/test_fields_and_expand.py asks for each.

    Of any two fields, some set has the first without the second: what a field needs of another's columns is found.

    What a value looks like depends on the database, and which of them are shown does not: PostgreSQL is asked for all. So
    is a row by itself: tests/api/test_fields_and_expand.py compares each of its shapes with the whole.
    """
    serializer = address.view.serializer_class
    names, expansions = serializer.field_names(), serializer.expansions()
    whole = ["", f"expand={','.join(expansions)}", f"fields={','.join(names)}"]
    if connection.vendor == "postgresql" or address not in LISTS[:-1]:
        return whole
    dispensable = [name for name in names if name not in serializer.required_members]
    shown = [f"fields={','.join(some)}" for some in separating_sets(dispensable)]
    return [*whole, *shown, f"omit={','.join(dispensable[::2])}"]


def queries(address: Address) -> list[str]:
    """Return queries of every shape; of lists also in an order, with a count."""
    days = [DAY] if address.view.depends_on_day else []
    parameters = [[shape, *days] for shape in shapes(address)]
    if address.is_list:
        parameters.append([f"ordering={next(iter(address.view.orderings))}", "count=exact", *days])
    return ["&".join(filter(None, parts)) for parts in parameters]


def rendered_body(address: Address, path: str, user: Any, **kwargs: Any) -> bytes:
    """Return the body that REST framework renders."""

    class Rendered(address.view):
        def rendered_body(self, request: Any, **kwargs: Any) -> Response:
            return Response(rendered_list(self) if address.is_list else self.get_serializer(self.get_object()).data)

    request = APIRequestFactory().get(path)
    force_authenticate(request, user=user)
    response = Rendered.as_view({"get": "rendered_body"}, detail=not address.is_list)(request, **kwargs)
    assert response.status_code == 200, response.data
    body: bytes = JSONRenderer().render(response.data)
    return body


def path_arguments(address: Address, row: Any) -> dict[str, str]:
    """Return the arguments of the view in the path."""
    if address.is_list:
        return {"slug": "rare-metals"} if address.name == "agreement renewals" else {}
    field = address.view.lookup_field
    return {field: str(getattr(row, field))}


@pytest.mark.parametrize(**by_address([*LISTS, *ROWS]))
def test_both_give_the_same_bytes(address: Address, world: World) -> None:
    row = None if address.is_list else next(iter(world.rows(address.noun).values()))
    client = Client(headers={"host": "testserver"})
    for query in queries(address):
        path = f"{url(address, row)}?{query}".rstrip("?")
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.content)
        assert answer.content == rendered_body(address, path, AnonymousUser(), **path_arguments(address, row)), path


@pytest.mark.parametrize(**by_address([*LISTS, *ROWS]))
def test_both_give_editors_the_same_bytes(
    address: Address, world: World, editor: Client, django_user_model: Any
) -> None:
    user = django_user_model.objects.get(username="editor")
    for row in [None] if address.is_list else [*world.rows(address.noun).values()][1:2]:
        path = url(address, row)
        query = f"expand={','.join(address.view.serializer_class.expansions())}" + (
            f"&{DAY}" if address.view.depends_on_day else ""
        )
        answer = editor.get(f"{path}?{query}" if "expand=&" not in query else path)
        assert answer.content == rendered_body(address, f"{path}?{query}", user, **path_arguments(address, row)), path


@pytest.mark.parametrize(**by_address(LISTS))
def test_both_turn_pages_alike(address: Address, world: World) -> None:
    """In every order, descending, onwards to the end and back again: four pages of whole rows, then two without fields."""
    client = Client(headers={"host": "testserver"})
    total = client.get(f"{url(address)}?count=exact&fields=id").json()["count"]
    for place, name in enumerate(address.view.orderings):
        shown = [f"page_size={(total + 1) // 2}", "fields=id"] if place else [f"page_size={max(1, total // 3)}"]
        days = [DAY] if address.view.depends_on_day else []
        path: str | None = f"{url(address)}?{'&'.join([f'ordering=-{name}', *shown, *days])}"
        for direction in ("next", "previous"):
            while path:
                answer = client.get(path)
                if place == 0 or "cursor=" in path:
                    expected = rendered_body(address, path, AnonymousUser(), **path_arguments(address, None))
                    assert answer.content == expected, path
                path = answer.json()[direction]
            path = answer.json()["previous"]
