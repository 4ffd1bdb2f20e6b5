"""The domain: a file per noun, the query set above its model."""

from django.apps import apps

from accords.db.wording import translate
from accords.models.agreements import Agreement, Participation
from accords.models.citations import Citation
from accords.models.clauses import Clause, ClauseParty
from accords.models.events import Event
from accords.models.idempotency import IdempotencyKey as IdempotencyKey  # no noun either
from accords.models.indexes import INDEXES as INDEXES  # nor are these
from accords.models.indexes import SEARCHED as SEARCHED
from accords.models.parties import Party
from accords.models.renewals import Renewal
from accords.models.sources import Source
from accords.models.statements import Statement
from accords.models.tokens import Token as Token  # accounts: no nouns of the domain, so not in __all__
from accords.models.tokens import TokenFailure as TokenFailure

__all__ = [
    "Agreement",
    "Citation",
    "Clause",
    "ClauseParty",
    "Event",
    "Participation",
    "Party",
    "Renewal",
    "Source",
    "Statement",
]

translate(apps.all_models["accords"].values())
