"""Tokens in the admin: shown once, to their maker; revoked; and never for an account with more permissions."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.utils import timezone

from accords.models import Token, TokenFailure
from accords.models.tokens import SHAPE
from tests.admin.forms import Form, url
from tests.api.addresses import BASE
from tests.clients import Client

pytestmark = pytest.mark.django_db
LATER = {"expires_at_0": "2099-01-01", "expires_at_1": "00:00:00"}


@pytest.fixture
def feed(db: None) -> User:
    """Create the account of a service."""
    return User.objects.create_user("feed")


@pytest.fixture
def clerk(db: None) -> tuple[User, Client]:
    """Create a member of staff whose only permissions are those on tokens, and log in."""
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="_token"))
    client = Client()
    client.force_login(user)
    return user, client


def create_token(client: Client, **fields: Any) -> Any:
    """Send the form for a new token."""
    page = client.get(url(Token, "add")).content.decode()
    return client.post(url(Token, "add"), Form(page).data | LATER | fields)


def shown_secret(answer: Any) -> str:
    found = SHAPE.search(answer.content.decode())
    assert found
    return found[0]


def test_a_token_is_shown_once_and_works(editor: Client, feed: User) -> None:
    answer = create_token(editor, name="price feed", owner=feed.pk, scope="read")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    secret = shown_secret(answer)
    token = Token.objects.get()
    assert (token.owner, token.scope, token.expires_at.year) == (feed, "read", 2099)
    assert Client().get(f"{BASE}/agreements", HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 200
    for page in (url(Token), url(token, "change"), url(token, "history"), url(token, "delete"), "/admin/"):
        html = editor.get(page).content.decode()
        assert secret not in html
        assert token.digest not in html
    stored = [str(row) for rows in (LogEntry, Session, Token) for row in rows.objects.values()]
    assert secret not in " ".join(stored + [str(cookie) for cookie in editor.cookies.values()])


def test_a_made_token_does_not_change(editor: Client, feed: User) -> None:
    token, _ = Token.objects.issue(feed, "feed")
    before = Token.objects.values().get()
    assert 'name="_save"' not in editor.get(url(token, "change")).content.decode()
    assert editor.post(url(token, "change"), {"name": "other", "scope": "write"} | LATER).status_code == 403
    assert Token.objects.values().get() == before


def test_revoking_ends_it_for_good_and_is_remembered(editor: Client, feed: User) -> None:
    token, secret = Token.objects.issue(feed, "feed")
    chosen = {"action": "revoke", "_selected_action": [token.pk]}
    assert "1 token was revoked" in editor.post(url(Token), chosen, follow=True).content.decode()
    assert Client().get(f"{BASE}/agreements", HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 401
    assert LogEntry.objects.get().get_change_message() == "Revoked."
    when = Token.objects.get().revoked_at
    assert "0 tokens were revoked" in editor.post(url(Token), chosen, follow=True).content.decode()
    assert Token.objects.get().revoked_at == when
    assert "This token was revoked" in editor.get(url(Token)).content.decode()


def test_nobody_makes_a_token_of_another_account(clerk: tuple[User, Client], boss: User) -> None:
    user, client = clerk
    assert 'name="owner"' not in client.get(url(Token, "add")).content.decode()
    shown_secret(create_token(client, name="mine", owner=boss.pk, scope="write"))
    assert Token.objects.get().owner == user


def test_nobody_sees_or_ends_a_token_of_another_account(clerk: tuple[User, Client], boss: User) -> None:
    theirs, _ = Token.objects.issue(boss, "theirs")
    _, client = clerk
    assert "theirs" not in client.get(url(Token)).content.decode()
    for page in ("change", "delete", "history"):
        assert "theirs" not in client.get(url(theirs, page), follow=True).content.decode()
    client.post(url(Token), {"action": "revoke", "_selected_action": [theirs.pk]})
    client.post(url(theirs, "delete"), {"post": "yes"})
    assert Token.objects.get().revoked_at is None


def test_who_may_only_look_cannot_revoke(someone: Any, boss: User) -> None:
    client = someone("view_token")
    mine, _ = Token.objects.issue(User.objects.get(username__startswith="staff"), "mine")
    assert "mine" in client.get(url(Token)).content.decode()
    client.post(url(Token), {"action": "revoke", "_selected_action": [mine.pk]})
    assert Token.objects.get().revoked_at is None
    assert client.get(url(Token, "add")).status_code == 403


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"expires_at_0": "2001-01-01"}, "It would be expired from the first moment."),
        ({"name": ""}, "This field is required."),
        ({"scope": "all"}, "Select a valid choice."),
    ],
)
def test_what_no_token_can_be_is_reported(editor: Client, feed: User, fields: dict[str, str], said: str) -> None:
    answer = create_token(editor, **{"name": "feed", "owner": feed.pk, "scope": "read"} | fields)
    assert said in answer.content.decode()
    assert not Token.objects.exists()


@pytest.mark.parametrize("query", ["id__in=9223372036854775808", "owner__password__regex=(", "q=%00", "o=9", "p=x"])
def test_no_address_breaks_the_lists(editor: Client, feed: User, query: str) -> None:
    Token.objects.issue(feed, "feed")
    for model in (Token, TokenFailure):
        assert editor.get(f"{url(model)}?{query}", follow=True).status_code in (200, 400)


def test_an_address_may_be_let_in_again(editor: Client) -> None:
    now = timezone.now()
    TokenFailure.objects.record_failure("192.0.2.1", now - timedelta(seconds=9))
    row = TokenFailure.objects.get()
    assert "192.0.2.1" in editor.get(url(TokenFailure)).content.decode()
    assert 'name="_save"' not in editor.get(url(row, "change")).content.decode()
    assert editor.get(url(TokenFailure, "add")).status_code == 403
    editor.post(url(row, "delete"), {"post": "yes"})
    assert not TokenFailure.objects.exists()
