"""System checks: each wrong setting has an error with its own id."""

from typing import Any

import pytest
from django.core.checks import run_checks

from accords.checks import renewal_horizon

# Django looks for its own middleware in the settings, by name: a subclass would hide these faults.
COOKIES = {
    "SESSION_COOKIE_SECURE": "security.W012",
    "SESSION_COOKIE_HTTPONLY": "security.W015",
    "CSRF_COOKIE_SECURE": "security.W016",
}


@pytest.mark.parametrize("right", ["P10Y", "P18M", "P90D", "P52W", "P100Y"])
def test_a_horizon_of_days_to_years_is_right(right: str, settings: Any) -> None:
    settings.RENEWAL_HORIZON = right
    assert renewal_horizon() == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("10 years", "not an ISO 8601 duration"),
        ("", "not an ISO 8601 duration"),
        ("P0Y", "zero"),
        ("PT1H", "cannot be added to a date"),
        ("P101Y", "longer than P100Y"),
        ("P9999Y", "leaves the years"),
        (10, "expected string"),
    ],
)
def test_e001_a_horizon_that_is_none_is_reported(wrong: Any, why: str, settings: Any) -> None:
    settings.RENEWAL_HORIZON = wrong
    (error,) = [message for message in run_checks() if message.id == "accords.E001"]
    assert error.is_serious()
    assert why in error.msg
    assert "P10Y" in str(error.hint)


@pytest.mark.parametrize(("setting", "number"), COOKIES.items())
def test_the_deployment_check_warns_of_cookies_that_are_not_protected(setting: str, number: str, settings: Any) -> None:
    for name in COOKIES:
        setattr(settings, name, name != setting)
    ids = {message.id for message in run_checks(tags=["security"], include_deployment_checks=True)}
    assert ids & {*COOKIES.values()} == {number}
