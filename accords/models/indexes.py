"""The index of every searched model: tables that the database's triggers write, and that queries join."""

from django.db import models

from accords.db.search_index import index_of
from accords.models.agreements import Agreement
from accords.models.clauses import Clause
from accords.models.events import Event
from accords.models.parties import Party
from accords.models.sources import Source
from accords.models.statements import Statement

AgreementWords = index_of(Agreement, __name__)
ClauseWords = index_of(Clause, __name__)
EventWords = index_of(Event, __name__)
PartyWords = index_of(Party, __name__)
SourceWords = index_of(Source, __name__)
StatementWords = index_of(Statement, __name__)

INDEXES = [AgreementWords, ClauseWords, EventWords, PartyWords, SourceWords, StatementWords]
SEARCHED: list[type[models.Model]] = [Agreement, Clause, Event, Party, Source, Statement]
