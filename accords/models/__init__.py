"""The models of the domain, one file per noun; `__all__` lists the nouns."""

from accords.models.agreements import Agreement, Participation
from accords.models.changes import EditorialChange as EditorialChange
from accords.models.changes import PublicChange as PublicChange
from accords.models.citations import Citation
from accords.models.clauses import Clause, ClauseParty
from accords.models.events import Event
from accords.models.idempotency import IdempotencyKey as IdempotencyKey
from accords.models.parties import Party
from accords.models.renewals import Renewal
from accords.models.slugs import UsedSlug as UsedSlug
from accords.models.sources import Source
from accords.models.statements import Statement
from accords.models.tokens import Token as Token
from accords.models.tokens import TokenFailure as TokenFailure
from accords.models.webhooks import Webhook as Webhook
from accords.models.webhooks import WebhookDelivery as WebhookDelivery
from accords.models.working_copies import CopiedRow as CopiedRow

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
