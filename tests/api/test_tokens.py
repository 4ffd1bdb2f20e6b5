"""Tokens: a request with one acts as its owner within its scope; wrong ones are refused, and too many are blocked."""

import logging
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accords.api.permissions import ModelPermissions, require_permission_to_publish
from accords.models import Agreement, Clause, Token, TokenFailure
from accords.models.tokens import SHAPE
from tests import factories
from tests.api.addresses import BASE
from tests.clients import Client

pytestmark = pytest.mark.django_db
LIST = f"{BASE}/agreements"
WRONG = "accords_" + "x" * 43


@pytest.fixture
def owner(db: None) -> User:
    """Create the account of a service that may view drafts."""
    user = User.objects.create_user("feed")
    user.user_permissions.add(Permission.objects.get(codename="view_agreement"))
    return user


@pytest.fixture
def secret(owner: User) -> str:
    """Create a token with the scope `read`."""
    return Token.objects.issue(owner, "feed, production")[1]


def get_with_token(secret: str, path: str = LIST, scheme: str = "Bearer", **headers: Any) -> Any:
    """Send a request with a token."""
    return Client().get(path, HTTP_AUTHORIZATION=f"{scheme} {secret}", **headers)


def slugs(answer: Any) -> list[str]:
    """Return the slugs of a list."""
    return [row["slug"] for row in answer.json()["results"]]


@pytest.mark.parametrize("scheme", ["Bearer", "Token", "bearer"])
def test_a_token_is_its_owner(secret: str, scheme: str) -> None:
    Agreement.objects.filter(pk=factories.agreement("draft").pk).update(is_published=False)
    assert slugs(Client().get(LIST)) == []
    assert slugs(get_with_token(secret, scheme=scheme)) == ["draft"]


def test_only_a_hash_is_kept_and_the_token_is_as_long_as_it_is_safe(owner: User) -> None:
    token, secret = Token.objects.issue(owner, "feed")
    assert SHAPE.fullmatch(secret)
    stored = [str(value) for row in Token.objects.filter(pk=token.pk).values() for value in row.values()]
    assert not [value for value in stored if value in secret and len(value) > len("accords_") + 6]
    assert Token.objects.issue(owner, "feed")[1] != secret


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expires_at": timedelta(0)}, "This token expired at 2026-11-24T12:00:00Z."),
        ({"revoked_at": timedelta(days=-1)}, "This token was revoked at 2026-11-23T12:00:00Z."),
    ],
)
@time_machine.travel("2026-11-24T12:00:00Z", tick=False)
def test_an_ended_token_is_refused_with_the_reason(secret: str, changes: dict[str, timedelta], said: str) -> None:
    Token.objects.update(created_at=timezone.now() - timedelta(days=9))
    Token.objects.update(**{name: timezone.now() + value for name, value in changes.items()})
    answer = get_with_token(secret)
    assert (answer.status_code, answer.json()["detail"]) == (401, said)


def test_the_token_of_a_closed_account_is_refused(secret: str, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert get_with_token(secret).json()["detail"] == "The account of this token is closed."


@pytest.mark.parametrize("path", [LIST, f"{BASE}/clauses/1", f"{BASE}/renewals.ics", f"{BASE}/", "/api/schema/"])
def test_a_wrong_token_is_refused_even_where_none_is_needed(path: str) -> None:
    answer = get_with_token(WRONG, path)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == 'Bearer realm="accords"'


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Basic Ym9zczpib3Nz",
        "Bearer a b",
        "Bearer \xff\xfe",
        "Bearer é",
        "Bearer  x",
        "\x00",
        "x" * 9,
    ],
)
def test_credentials_that_cannot_be_read_are_never_ignored(header: str) -> None:
    answer = Client().get(LIST, HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert header not in answer.content.decode() or len(header) < 9


def test_a_token_comes_in_no_other_scheme(secret: str) -> None:
    assert get_with_token(secret, scheme="Basic").status_code == 401


def test_writing_anonymously_asks_for_credentials() -> None:
    answer = Client().post(LIST, {}, "application/json")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="accords"')


def test_answers_to_tokens_are_nobody_elses(secret: str) -> None:
    answer = get_with_token(secret)
    assert "private" in answer["Cache-Control"]
    assert {"Authorization", "Cookie"} <= set(answer["Vary"].replace(" ", "").split(","))


# What a token may do of what its owner may


class Writable(APIView):
    """An address that can be written to."""

    model = Clause
    permission_classes = [ModelPermissions]

    def post(self, request: Any) -> Response:
        """Do it."""
        return Response(status=204)


@pytest.mark.parametrize(
    ("scope", "permission", "status"),
    [("write", "add_clause", 204), ("read", "add_clause", 403), ("write", "view_clause", 403)],
)
def test_writing_takes_the_scope_and_the_permission(owner: User, scope: str, permission: str, status: int) -> None:
    owner.user_permissions.add(Permission.objects.get(codename=permission))
    _, secret = Token.objects.issue(owner, "feed", scope=scope)
    request = APIRequestFactory().post("/", {}, format="json", HTTP_AUTHORIZATION=f"Bearer {secret}")
    answer = Writable.as_view()(request)
    assert answer.status_code == status
    if scope == "read":
        assert "may only read" in answer.content.decode()


@pytest.mark.parametrize(
    ("before", "after", "permission", "refused"),
    [
        (False, True, "change_agreement", True),
        (True, False, "change_agreement", True),
        (True, True, "change_agreement", False),
        (False, True, "publish_agreement", False),
        (True, False, "publish_agreement", False),
    ],
)
def test_publishing_and_withdrawing_take_their_own_permission(
    owner: User, before: bool, after: bool, permission: str, refused: bool
) -> None:
    owner.user_permissions.add(Permission.objects.get(codename=permission))
    with pytest.raises(PermissionDenied) if refused else nullcontext():
        require_permission_to_publish(owner, before, after)


# Last use


def test_use_is_noted_once_a_minute(secret: str) -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        get_with_token(secret)
        first = Token.objects.get().last_used_at
        assert first == timezone.now()
        clock.shift(59)
        with CaptureQueriesContext(connection) as captured:
            get_with_token(secret)
        assert Token.objects.get().last_used_at == first
        assert not [query for query in captured if query["sql"].startswith("UPDATE")]
        clock.shift(1)
        get_with_token(secret)
        assert Token.objects.get().last_used_at == timezone.now()


def test_a_refused_token_is_not_used(secret: str) -> None:
    Token.objects.update(revoked_at=timezone.now())
    get_with_token(secret)
    assert Token.objects.get().last_used_at is None


# Too many wrong ones


@pytest.fixture
def failure_limit(settings: Any) -> int:
    """Set the number of invalid tokens that are allowed."""
    settings.TOKEN_FAILURE_LIMIT = 3
    return 3


def test_an_address_with_too_many_wrong_tokens_must_pause(failure_limit: int, secret: str) -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        assert [get_with_token(WRONG).status_code for _ in range(failure_limit + 2)] == [401] * failure_limit + [
            429
        ] * 2
        answer = get_with_token(WRONG)
        assert (answer["Retry-After"], answer["Content-Type"]) == ("300", "application/problem+json")
        assert answer.json()["type"] == "/problems/too-many-failures"
        assert Client().get(LIST).status_code == 200, "who sends none is not concerned"
        assert get_with_token(secret).status_code == 200, "nor is a neighbour whose token is right"
        assert get_with_token(WRONG, REMOTE_ADDR="10.1.1.1").status_code == 401, "nor another address"
        clock.shift(299)
        assert get_with_token(WRONG)["Retry-After"] == "1"
        clock.shift(1)
        assert get_with_token(WRONG).status_code == 401


def test_while_it_pauses_nothing_is_written(failure_limit: int) -> None:
    for _ in range(failure_limit):
        get_with_token(WRONG)
    with CaptureQueriesContext(connection) as captured:
        assert get_with_token(WRONG).status_code == 429
    assert [query["sql"].split()[0] for query in captured] == ["SELECT"] * 2


def test_what_no_longer_counts_is_forgotten() -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        for last in range(5):
            get_with_token(WRONG, REMOTE_ADDR=f"10.0.0.{last}")
        clock.shift(300)
        get_with_token(WRONG, REMOTE_ADDR="10.0.0.9")
    assert [row.address for row in TokenFailure.objects.all()] == ["10.0.0.9"]


def test_a_made_up_forwarded_address_gets_nobody_round_it(failure_limit: int, settings: Any) -> None:
    spoofed = [
        get_with_token(WRONG, HTTP_X_FORWARDED_FOR=f"10.0.0.{last}").status_code for last in range(failure_limit + 1)
    ]
    assert spoofed == [401] * failure_limit + [429]
    settings.TRUSTED_PROXIES = 1
    TokenFailure.objects.all().delete()
    through = [
        get_with_token(WRONG, HTTP_X_FORWARDED_FOR=f"10.0.0.{last}, 192.0.2.7").status_code
        for last in range(failure_limit + 1)
    ]
    assert through == [401] * failure_limit + [429]
    assert TokenFailure.objects.get().address == "192.0.2.7"


def test_failures_are_counted_by_every_worker_at_once(failure_limit: int) -> None:
    now = timezone.now()
    for _ in range(failure_limit):
        TokenFailure.objects.record_failure("127.0.0.1", now)  # as another process would
    assert get_with_token(WRONG).status_code == 429


# What the database refuses


@pytest.mark.parametrize(
    "changes", [{"scope": "all"}, {"name": ""}, {"expires_at": timezone.now() - timedelta(days=1)}]
)
def test_the_database_refuses_impossible_tokens(secret: str, changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.update(**changes)


def test_no_token_is_made_that_is_expired(owner: User) -> None:
    with pytest.raises(ValidationError, match="expired from the first moment"):
        Token.objects.issue(owner, "late", expires_at=timezone.now() - timedelta(days=1))


# Groups


@pytest.mark.parametrize(
    ("name", "verbs"),
    [
        ("editor", {"view", "add", "change"}),
        ("publisher", {"view", "add", "change", "delete", "publish"}),
        ("service", {"view", "add", "change"}),
    ],
)
def test_the_groups_are_there(name: str, verbs: set[str], db: None) -> None:
    group = Group.objects.get(name=name).permissions.all()
    assert {one.codename.partition("_")[0] for one in group} == verbs
    assert not [one.codename for one in group if one.content_type.app_label != "accords" or "token" in one.codename]
    nouns = {one.codename.partition("_")[2] for one in group}
    assert len(nouns) == 10


# Nowhere to be read again


def test_no_token_stands_in_a_log_or_an_answer(
    secret: str, caplog: pytest.LogCaptureFixture, failure_limit: int, settings: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong, answers = WRONG[:-1] + "y", []
    for path in (LIST, f"{BASE}/nothing", f"{BASE}/agreements?x=1", "/api/schema/"):
        answers += [get_with_token(token, path) for token in (secret, wrong)]
    Token.objects.update(revoked_at=timezone.now())
    answers.append(get_with_token(secret))
    output = caplog.text + "".join(answer.content.decode() + str(answer.headers) for answer in answers)
    assert secret not in output
    assert wrong not in output
    assert secret[8:] not in output
