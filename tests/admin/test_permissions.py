"""Permissions: nothing is possible without one, and each allows no more than it says."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests import factories
from tests.admin.forms import NOUNS, url
from tests.admin.test_base import ROW_PAGES, rows
from tests.clients import Client


def pages(deal: factories.FixtureRows) -> list[str]:
    return [url(noun, page) for noun in NOUNS for page in ("changelist", "add")] + [
        url(row, page) for row in rows(deal) for page in ROW_PAGES
    ]


def test_visitors_are_sent_to_the_login(client: Client, deal: factories.FixtureRows) -> None:
    for address in pages(deal):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={address}")


def test_users_who_are_not_staff_are_sent_to_the_login(client: Client, deal: factories.FixtureRows) -> None:
    client.force_login(User.objects.create_user("reader"))
    assert {client.get(address).status_code for address in pages(deal)} == {302}


def test_staff_without_permission_see_nothing(someone: Any, deal: factories.FixtureRows) -> None:
    client = someone()
    assert {client.get(address).status_code for address in pages(deal)} == {403}
    assert {
        client.post(address, {"post": "yes"}).status_code for address in pages(deal) if "history" not in address
    } == {403}


@pytest.mark.parametrize("index", range(len(NOUNS)))
def test_who_may_look_may_not_touch(someone: Any, deal: factories.FixtureRows, index: int) -> None:
    row = rows(deal)[index]
    client = someone(*(f"view_{noun._meta.model_name}" for noun in NOUNS))
    page = client.get(url(row, "change"))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert client.get(url(type(row))).status_code == 200
    assert client.post(url(row, "change"), {}).status_code == 403
    assert client.get(url(type(row), "add")).status_code == 403
    assert client.post(url(row, "delete"), {"post": "yes"}).status_code == 403


def test_rows_beneath_a_row_need_their_own_permission(someone: Any, deal: factories.FixtureRows) -> None:
    client = someone("view_agreement", "change_agreement", "view_clause")
    page = client.get(url(deal.agreement, "change"))
    kinds = {one.opts.model._meta.model_name: one for one in page.context["inline_admin_formsets"]}
    assert kinds.keys() == {"clause"}
    assert not kinds["clause"].has_change_permission


def test_deleting_needs_the_permission_for_all_that_goes(someone: Any, deal: factories.FixtureRows) -> None:
    client = someone("view_agreement", "delete_agreement")
    assert "your account doesn't have permission" in client.get(url(deal.agreement, "delete")).content.decode()
    assert client.post(url(deal.agreement, "delete"), {"post": "yes"}).status_code == 403


def test_parts_and_roles_are_not_on_the_front_page_but_have_pages(editor: Client, deal: factories.FixtureRows) -> None:
    page = editor.get(reverse("admin:index")).content.decode()
    assert "/admin/accords/clause/" in page
    assert "/admin/accords/clauseparty/" not in page
    assert "/admin/accords/participation/" not in page
