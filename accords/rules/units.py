"""Units of quantities: UCUM, UN/ECE Recommendation 20 and ISO 4217."""

import re
from functools import lru_cache

from accords.rules.unit_codes import CURRENCIES, RECOMMENDATION_20, UCUM_METRIC, UCUM_OTHER, UCUM_PREFIXES

_COMPONENT = re.compile(
    r"(?P<symbol>(?:\[[^\]]*\]|[^\[\](){}./0-9+-]|10[*^])*)(?P<exponent>[+-]?[0-9]+)?(?P<note>\{[!-z|~]*\})?"
)
_OPERATOR = re.compile(r"[./]")
MAX_DEPTH = 8  # of parentheses: no unit needs more, and the recursion has to end


@lru_cache(1024)
def is_known(unit: str) -> bool:
    """Return whether a unit is an ISO 4217 currency, a code of Recommendation 20 or a UCUM expression.

    Letter case counts: UCUM `t` is the tonne, `T` the tesla.
    """
    return unit in CURRENCIES or unit in RECOMMENDATION_20 or is_ucum(unit)


def is_ucum(text: str) -> bool:
    """Return whether a text is a UCUM expression in the case-sensitive form (UCUM 2.2, sections 1 to 10)."""
    end = _read_term(text.removeprefix("/"), 0)
    return end is not None and end == len(text.removeprefix("/"))


def _read_term(text: str, position: int, depth: int = 0) -> int | None:
    """Return where the components joined by `.` and `/` from a position on end; None if they are not valid."""
    while True:
        if text[position : position + 1] == "(":
            end = _read_term(text, position + 1, depth + 1) if depth < MAX_DEPTH else None
            if end is None or text[end : end + 1] != ")":
                return None
            position = end + 1
        else:
            match = _COMPONENT.match(text, position)
            if match is None or not _is_component(match):
                return None
            position = match.end()
        if not _OPERATOR.match(text, position):
            return position
        position += 1


def _is_component(component: re.Match[str]) -> bool:
    """Return whether a match is a UCUM unit, with a prefix or without, a number, or an annotation."""
    symbol, exponent, note = component["symbol"], component["exponent"], component["note"]
    if not symbol:  # a number such as the 100 of `/100.m`, or an annotation alone
        return exponent.isdigit() if exponent else note is not None
    if symbol in UCUM_METRIC or symbol in UCUM_OTHER:
        return True
    return any(symbol[:length] in UCUM_PREFIXES and symbol[length:] in UCUM_METRIC for length in (1, 2))
