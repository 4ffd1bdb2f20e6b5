"""make_token: prints the token alone and once, creates a service's account if asked, and refuses impossible values."""

import io

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from accords.models import Token
from accords.models.tokens import SHAPE
from tests.api.addresses import BASE
from tests.clients import Client

pytestmark = pytest.mark.django_db


def run(*args: str) -> tuple[str, str]:
    """Return the standard output and error of the command."""
    out, err = io.StringIO(), io.StringIO()
    call_command("make_token", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@time_machine.travel("2026-11-24T12:00:00Z", tick=False)
def test_it_makes_a_service_with_a_token_that_works(db: None) -> None:
    out, err = run("price feed", "--service", "feed", "--scope", "write", "--days", "30")
    secret = out.strip()
    assert SHAPE.fullmatch(secret)
    assert secret not in err
    assert "Token of feed, scope write, valid until 2026-12-24." in err
    token = Token.objects.get()
    assert (token.name, token.scope, token.expires_at.isoformat()) == (
        "price feed",
        "write",
        "2026-12-24T12:00:00+00:00",
    )
    assert not token.owner.has_usable_password()
    assert not token.owner.is_staff
    assert [group.name for group in token.owner.groups.all()] == ["service"]
    assert Client().get(f"{BASE}/agreements", HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 200


def test_by_default_it_may_read_for_a_year() -> None:
    User.objects.create_user("feed")
    run("price feed", "--owner", "feed")
    token = Token.objects.get()
    assert (token.scope, round((token.expires_at - token.created_at).total_seconds() / 86400)) == ("read", 365)


def test_a_service_that_exists_keeps_its_account() -> None:
    user = User.objects.create_user("feed", password="its own")
    run("price feed", "--service", "feed")
    user.refresh_from_db()
    assert user.has_usable_password()
    assert not user.groups.exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["x", "--owner", "nobody"], "There is no account 'nobody'."),
        (["x", "--service", "not a name"], "Enter a valid username"),
        (["", "--service", "feed"], "This field cannot be blank."),
        (["x\ny", "--service", "feed"], "line"),
        (["x", "--service", "feed", "--days", "0"], "--days: 1 to 3650."),
        (["x", "--service", "feed", "--days", "3651"], "--days: 1 to 3650."),
        (["x"], "one of the arguments --owner --service is required"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(args: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*args)
    assert not Token.objects.exists()
    assert not User.objects.exists()
