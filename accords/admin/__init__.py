"""The editors' admin: a file for each model, on a base of its own (`base.py`)."""

from accords.admin.agreements import AgreementAdmin, ParticipationAdmin
from accords.admin.citations import CitationAdmin
from accords.admin.clauses import ClauseAdmin, ClausePartyAdmin
from accords.admin.events import EventAdmin
from accords.admin.parties import PartyAdmin
from accords.admin.renewals import RenewalAdmin
from accords.admin.sources import SourceAdmin
from accords.admin.statements import StatementAdmin
from accords.admin.tokens import TokenAdmin, TokenFailureAdmin
from accords.admin.webhooks import WebhookAdmin, WebhookDeliveryAdmin

__all__ = [
    "AgreementAdmin",
    "CitationAdmin",
    "ClauseAdmin",
    "ClausePartyAdmin",
    "EventAdmin",
    "ParticipationAdmin",
    "PartyAdmin",
    "RenewalAdmin",
    "SourceAdmin",
    "StatementAdmin",
    "TokenAdmin",
    "TokenFailureAdmin",
    "WebhookAdmin",
    "WebhookDeliveryAdmin",
]
