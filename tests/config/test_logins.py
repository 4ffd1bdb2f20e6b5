"""Logins: too many failures make an account wait at an address, whatever the client says; passwords have a limit."""

import logging
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.auth import authenticate, password_validation
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import RequestFactory

from config.auth import MAX_PASSWORD_LENGTH
from tests.clients import Client

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
FEW = 3


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    """Allow few failures."""
    settings.AXES_FAILURE_LIMIT = FEW


@pytest.fixture
def boss(quick: None) -> User:
    """Create a superuser."""
    return User.objects.create_superuser("boss", password="right")


def log_in(name: str, password: str, **headers: Any) -> Any:
    return Client().post(LOGIN, {"username": name, "password": password}, **headers)


def fail(times: int, name: str = "boss", **headers: Any) -> Any:
    """Log in with wrong passwords; return the last response."""
    for _ in range(times):
        answer = log_in(name, "wrong", **headers)
    return answer


def test_after_too_many_failures_a_login_to_the_account_waits_at_that_address(boss: User) -> None:
    assert fail(FEW).status_code == 429
    delayed = log_in("boss", "right")
    assert (delayed.status_code, delayed["Retry-After"]) == (429, "60")
    assert delayed["Content-Type"].startswith("text/html")
    assert "Try again in 60 seconds" in delayed.content.decode()
    assert "sessionid" not in delayed.cookies


def test_failures_from_elsewhere_lock_nobody_out(boss: User) -> None:
    for last in range(10):
        fail(FEW + 1, REMOTE_ADDR=f"10.0.0.{last}")
    assert log_in("boss", "right", REMOTE_ADDR="10.0.0.99").status_code == 302


def test_failures_at_an_address_do_not_lock_out_its_other_accounts(boss: User) -> None:
    for number in range(10):
        fail(FEW + 1, f"user{number}")
    assert log_in("boss", "right").status_code == 302


def test_a_forged_forwarded_address_is_ignored(boss: User) -> None:
    for number in range(FEW):
        log_in("boss", "wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}")
    assert log_in("boss", "right", HTTP_X_FORWARDED_FOR="10.0.0.99").status_code == 429


def test_behind_a_trusted_proxy_the_address_is_the_one_that_it_forwards(boss: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(FEW):
        log_in("boss", "wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}, 192.0.2.7")
    assert log_in("boss", "right", HTTP_X_FORWARDED_FOR="10.0.0.99, 192.0.2.7").status_code == 429
    assert log_in("boss", "right", HTTP_X_FORWARDED_FOR="192.0.2.8").status_code == 302


def test_the_wait_ends_and_is_not_prolonged_by_trying(boss: User) -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        fail(FEW)
        clock.shift(timedelta(seconds=58))
        assert log_in("boss", "wrong").status_code == 429
        clock.shift(timedelta(seconds=3))
        assert log_in("boss", "right").status_code == 302


def test_a_success_does_not_reset_the_count(boss: User) -> None:
    User.objects.create_superuser("mallory", password="own")
    for _ in range(FEW - 1):
        log_in("boss", "wrong")
        assert log_in("mallory", "own").status_code == 302
    assert log_in("boss", "wrong").status_code == 429


def test_the_owner_is_notified_once_of_failed_logins(boss: User, client: Client) -> None:
    fail(2, REMOTE_ADDR="10.0.0.1")
    fail(2, "nobody")
    client.post(LOGIN, {"username": "boss", "password": "right"})
    page = client.get("/admin/").content.decode()
    assert "At least 2 logins to your account failed since the last; one on " in page
    assert "from 10.0.0.1" in page
    client.post("/admin/logout/")
    client.post(LOGIN, {"username": "boss", "password": "right"})
    assert "logins to your account failed" not in client.get("/admin/").content.decode()
    assert not AccessFailureLog.objects.exists(), "made-up names leave nothing"


def test_the_log_names_who_logged_in_and_no_name_that_has_no_account(
    boss: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    log_in("boss", "wrong", REMOTE_ADDR="10.0.0.1")
    log_in("Tr0ub4dor&3", "typed into the wrong field")
    client.post(LOGIN, {"username": "boss", "password": "right"})
    client.post("/admin/logout/")
    lines = [(record.message, record.fields) for record in caplog.records if record.name == "config.auth"]
    known = {"user": boss.pk, "username": "boss", "address": "127.0.0.1"}
    assert lines == [
        ("Login failed", known | {"address": "10.0.0.1"}),
        ("Login failed", {"user": None, "username": None, "address": "127.0.0.1"}),
        ("Logged in", known),
        ("Logged out", known),
    ]
    assert "Tr0ub4dor" not in caplog.text


def test_a_refused_redirect_ends_at_the_front_page(boss: User, client: Client) -> None:
    form = {"username": "boss", "password": "right", "next": "https://evil.example/"}
    assert client.post(f"{LOGIN}?next=https://evil.example/", form)["Location"] == "/admin/"


def test_whether_an_account_exists_does_not_show(boss: User) -> None:
    one, other = (log_in(name, "wrong", REMOTE_ADDR=f"10.0.{len(name)}.1") for name in ("boss", "nobody"))
    assert one.status_code == other.status_code == 200
    assert one.context["form"].errors == other.context["form"].errors


# Passwords


def test_an_endless_password_is_refused_before_it_is_hashed(boss: User) -> None:
    with patch("django.contrib.auth.models.User.check_password", side_effect=AssertionError("hashed")):
        assert log_in("boss", "x" * (MAX_PASSWORD_LENGTH + 1)).status_code == 200
    boss.set_password("x" * MAX_PASSWORD_LENGTH)
    boss.save()
    assert authenticate(RequestFactory().post(LOGIN), username="boss", password="x" * MAX_PASSWORD_LENGTH) == boss
    assert log_in("boss", "x" * (MAX_PASSWORD_LENGTH + 1)).status_code == 200


def test_an_endless_password_counts_as_a_failure(boss: User) -> None:
    for _ in range(FEW):
        log_in("boss", "x" * (MAX_PASSWORD_LENGTH + 1))
    assert log_in("boss", "right").status_code == 429


def test_nobody_can_be_given_an_endless_password() -> None:
    with pytest.raises(ValidationError, match="4096 characters at most"):
        password_validation.validate_password("aZ3$" * 1025)


def test_no_password_stands_in_a_log_or_the_database(boss: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for password in ("Tr0ub4dor&3", "right"):
        log_in("boss", password)
    stored = [str(row) for row in AccessAttempt.objects.values()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM django_session")
        stored += [str(row) for row in cursor.fetchall()]
    logged = "".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert "Tr0ub4dor" not in logged + "".join(stored)


# Sessions


def test_a_session_writes_only_with_its_csrf_token(boss: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    page = client.get("/admin/password_change/")
    answer = client.post("/admin/logout/")
    assert answer.status_code == 403
    token = page.context["csrf_token"]
    assert client.post("/admin/logout/", {"csrfmiddlewaretoken": str(token)}).status_code == 200


def test_the_session_of_a_closed_account_is_over(boss: User) -> None:
    client = Client()
    client.force_login(boss)
    User.objects.update(is_active=False)
    assert client.get("/admin/").status_code == 302
