"""Units: the codes of three published lists, and UCUM's grammar."""

import pytest
from babel.numbers import list_currencies

from accords.rules import units
from accords.rules.unit_codes import CURRENCIES

KNOWN = """
% t kg km/h m2 m3 mg/dL kW.h h d mo a 10*3 10*6/L {users} 1/a /a t/a [lb_av] [degF] [in_i'Hg] m[H2O] kg.m/s2
(kg.m)/s2 m.s-2 g{dry} USD EUR DEM CHF TNE C62 HUR MON KGM [bbl_us]/d B[10.nV] ng/(24.h) [ppm]
""".split()  # noqa: SIM905
UNKNOWN = [
    "",
    "tonne",
    "kWh-free",
    "euros",
    "usd",
    "$",
    "€",
    "kmh",
    "m^2",
    "kg//m",
    "kg.",
    "(kg",
    "kg)",
    "k%",
    "%%",
    "m2m",
    "tons",
    " t",
    "t ",
]


@pytest.mark.parametrize("unit", KNOWN)
def test_published_codes_and_expressions_are_known(unit: str) -> None:
    assert units.is_known(unit)


@pytest.mark.parametrize("unit", UNKNOWN)
def test_other_texts_are_not(unit: str) -> None:
    assert not units.is_known(unit)


def test_case_counts() -> None:
    assert units.is_ucum("t")
    assert not units.is_known("eur")


def test_deep_nesting_is_refused_and_not_followed() -> None:
    assert not units.is_ucum("(" * 5000 + "m" + ")" * 5000)


def test_the_currencies_are_those_of_the_library() -> None:
    assert set(list_currencies()) == CURRENCIES
