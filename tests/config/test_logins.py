"""Logins: too many failures lock an account and an address, whoever the caller says to be; no password is endless."""

import logging
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth import authenticate, password_validation
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import RequestFactory

from config.auth import LONGEST_PASSWORD
from tests.clients import Client

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
FEW = 3


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    """Few failures are allowed, and hashing is quick."""
    settings.AXES_FAILURE_LIMIT = FEW
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def boss(quick: None) -> User:
    """Someone who may log in."""
    return User.objects.create_superuser("boss", password="right")


def log_in(name: str, password: str, **headers: Any) -> Any:
    """The answer to a login."""
    return Client().post(LOGIN, {"username": name, "password": password}, **headers)


def test_an_account_is_locked_wherever_the_failures_come_from(boss: User) -> None:
    for last in range(FEW):
        answer = log_in("boss", "wrong", REMOTE_ADDR=f"10.0.0.{last}")
    assert answer.status_code == 429
    locked = log_in("boss", "right", REMOTE_ADDR="10.0.0.99")
    assert (locked.status_code, locked["Retry-After"]) == (429, "900")
    assert locked["Content-Type"].startswith("text/html")
    assert "Try again in 15 minutes" in locked.content.decode()
    assert "sessionid" not in locked.cookies


def test_an_address_is_locked_whichever_accounts_it_tries(boss: User) -> None:
    for number in range(FEW):
        log_in(f"user{number}", "wrong")
    assert log_in("boss", "right").status_code == 429
    assert log_in("boss", "right", REMOTE_ADDR="10.0.0.99").status_code == 302


def test_a_made_up_forwarded_address_gets_nobody_round_it(boss: User) -> None:
    for number in range(FEW):
        log_in(f"user{number}", "wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}")
    assert log_in("boss", "right", HTTP_X_FORWARDED_FOR="10.0.0.99").status_code == 429


def test_behind_a_proxy_of_ours_its_callers_are_told_apart(boss: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(FEW):
        log_in(f"user{number}", "wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}, 192.0.2.7")
    assert log_in("boss", "right", HTTP_X_FORWARDED_FOR="10.0.0.99, 192.0.2.7").status_code == 429
    assert log_in("boss", "right", HTTP_X_FORWARDED_FOR="192.0.2.8").status_code == 302


def test_a_lock_opens_by_itself_and_is_not_prolonged_by_trying(boss: User) -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        for _ in range(FEW):
            log_in("boss", "wrong")
        clock.shift(timedelta(minutes=14))
        assert log_in("boss", "wrong").status_code == 429
        clock.shift(timedelta(minutes=1, seconds=1))
        assert log_in("boss", "right").status_code == 302


def test_a_success_does_not_wipe_out_failures(boss: User) -> None:
    User.objects.create_superuser("mallory", password="own")
    for _ in range(FEW - 1):
        log_in("boss", "wrong")
        assert log_in("mallory", "own").status_code == 302
    assert log_in("boss", "wrong").status_code == 429


def test_whether_an_account_exists_does_not_show(boss: User) -> None:
    one, other = (log_in(name, "wrong", REMOTE_ADDR=f"10.0.{len(name)}.1") for name in ("boss", "nobody"))
    assert one.status_code == other.status_code == 200
    assert one.context["form"].errors == other.context["form"].errors


# Passwords


def test_an_endless_password_is_refused_before_it_is_hashed(boss: User) -> None:
    with patch("django.contrib.auth.models.User.check_password", side_effect=AssertionError("hashed")):
        assert log_in("boss", "x" * (LONGEST_PASSWORD + 1)).status_code == 200
    boss.set_password("x" * LONGEST_PASSWORD)
    boss.save()
    assert authenticate(RequestFactory().post(LOGIN), username="boss", password="x" * LONGEST_PASSWORD) == boss
    assert log_in("boss", "x" * (LONGEST_PASSWORD + 1)).status_code == 200


def test_an_endless_password_counts_as_a_failure(boss: User) -> None:
    for _ in range(FEW):
        log_in("boss", "x" * (LONGEST_PASSWORD + 1))
    assert log_in("boss", "right").status_code == 429


def test_nobody_can_be_given_an_endless_password() -> None:
    with pytest.raises(ValidationError, match="4096 characters at most"):
        password_validation.validate_password("aZ3$" * 1025)


def test_no_password_stands_in_a_log_or_the_database(boss: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for password in ("Tr0ub4dor&3", "right"):
        log_in("boss", password)
    kept = [str(row) for row in AccessAttempt.objects.values()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM django_session")
        kept += [str(row) for row in cursor.fetchall()]
    logged = "".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert "Tr0ub4dor" not in logged + "".join(kept)


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
