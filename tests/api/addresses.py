"""Every address of the API for tests: the lists, a row of each, and their parameters."""

from collections.abc import Iterator
from itertools import combinations, count
from math import comb
from typing import Any, NamedTuple

from accords.api.agreement_views import (
    AgreementRenewalViewSet,
    AnnotatedAgreementViewSet,
    ConsolidatedAgreementViewSet,
)
from accords.api.resource import Resource
from accords.api.urls import HISTORIES, RESOURCES
from tests.clients import Client

BASE = "/api/v1"
BELOW = "agreements/rare-metals"
SLUGGED = ("agreements", "parties", "sources")


class Address(NamedTuple):
    """One address: its name for tests, its path without the base (`{row}` stands for a row's key), and its view."""

    name: str
    path: str
    view: type[Resource]
    is_list: bool

    @property
    def noun(self) -> str:
        """The noun whose rows it serves."""
        if self.view is AgreementRenewalViewSet:
            return "renewals"
        return "agreements" if self.path.startswith(BELOW) else self.name.partition(" ")[0]

    @property
    def parameters(self) -> list[str]:
        """The parameters that it takes."""
        view = self.view()
        view.detail = not self.is_list
        return view.allowed_parameters()

    @property
    def list_parameters(self) -> frozenset[str]:
        """The parameters that take several values."""
        return self.view.filterset_class.list_parameters() | {"fields", "omit", "expand", "ordering"}


LISTS = [Address(name, name, view, True) for name, view in RESOURCES.items()]
LISTS.append(Address("agreement renewals", f"{BELOW}/renewals", AgreementRenewalViewSet, True))
DETAILS = [Address(f"{name} row", f"{name}/{{row}}", view, False) for name, view in RESOURCES.items()]
ROWS = [*DETAILS]
DETAILS.append(Address("agreement consolidated", f"{BELOW}/consolidated", ConsolidatedAgreementViewSet, False))
DETAILS.append(Address("agreement annotated", f"{BELOW}/annotated", AnnotatedAgreementViewSet, False))
HISTORY = [Address(f"{name} history", f"{name}/{{row}}/history", view, False) for name, view in HISTORIES.items()]
ALL = LISTS + DETAILS + HISTORY


def separating_sets(names: list[str]) -> list[list[str]]:
    """Return sets of names of which, for any two names, one has the first without the second.

    Each name is in another half of the sets, so that no name's sets are among those of another (Sperner).
    """
    size = next(size for size in count(2) if comb(size, size // 2) >= len(names))
    halves = [*combinations(range(size), size // 2)]
    sets = [[name for name, half in zip(names, halves, strict=False) if place in half] for place in range(size)]
    return [some for some in sets if some]


def by_address(addresses: list[Address]) -> dict[str, Any]:
    """Return the arguments of `parametrize` for addresses, with their names as ids."""
    return {
        "argnames": "address",
        "argvalues": addresses,
        "ids": [address.name.replace(" ", "-") for address in addresses],
    }


def key(noun: str, row: Any) -> str:
    """Return the key of a row in paths."""
    return str(row.slug if noun in SLUGGED else row.pk)


def url(address: Address, row: Any = None) -> str:
    """Return the path of an address; `row` is required if the path contains one."""
    return f"{BASE}/{address.path}".format(row=key(address.noun, row) if row is not None else "")


def walk(client: Client, path: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a list, page by page."""
    following: str | None = path
    while following:
        response = client.get(following)
        assert response.status_code == 200, (following, response.content)
        page = response.json()
        yield from page["results"]
        following = page["next"]
