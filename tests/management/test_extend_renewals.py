"""extend_renewals: what it prints, the day it counts from, its bar on a terminal, and its exit."""

import io
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accords.models import Agreement, Renewal
from tests import factories

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def run(*args: str, stderr: Any = None) -> str:
    out = io.StringIO()
    call_command("extend_renewals", *args, stdout=out, stderr=stderr or io.StringIO())
    return out.getvalue()


def test_it_says_what_it_did_and_the_second_time_that_nothing_was_to_do() -> None:
    factories.agreement()
    output = "Computed until 2036-11-23: 1 agreements, {} dates added, 0 changed, 0 removed.\n"
    assert run("--on", "2026-11-23") == output.format(11)
    assert run("--on", "2026-11-23") == output.format(0)
    assert run("--on", "2027-11-23").startswith("Computed until 2037-11-23: 1 agreements, 1 dates added")


@time_machine.travel("2030-01-01T12:00:00Z")
def test_without_a_day_it_counts_from_today() -> None:
    factories.agreement()
    run()
    latest = Renewal.objects.order_by("-due_latest").values_list("due_latest", flat=True)[0]
    assert latest == date(2039, 10, 30)


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", ""])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(CommandError, match="not a day such as 2026-11-23"):
        run("--on", day)


def test_terms_that_cannot_be_read_are_named_and_the_exit_is_not_zero() -> None:
    factories.agreement("fine")
    Agreement.objects.filter(pk=factories.agreement("broken").pk).update(term="one year")
    with pytest.raises(CommandError, match="1 agreements have terms that cannot be read, left as they are: broken"):
        run("--on", "2026-11-23")
    assert Renewal.objects.filter(agreement__slug="fine").count() == 11


def test_a_terminal_sees_a_bar_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accords.services.CHUNK_SIZE", 2)
    for number in range(5):
        factories.agreement(f"a-{number}")
    terminal, pipe = Terminal(), io.StringIO()
    run("--on", "2026-11-23", stderr=terminal)
    run("--on", "2026-11-23", stderr=pipe)
    assert pipe.getvalue() == ""
    shown = terminal.getvalue().split("\r")
    assert [text[32:37].strip() for text in shown[1:]] == ["40%", "80%", "100%"]
    assert shown[1].startswith("[############                  ]  40% 2 agreements")
    assert shown[-1].endswith("\n")


def test_a_terminal_without_agreements_shows_no_division_by_zero() -> None:
    assert "0 agreements" in run("--on", "2026-11-23", stderr=Terminal())
