"""Editors who write at random what changes a feed: rows of every kind, their relations, publishing and deletion."""

import random
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError

from accords import services
from accords.models import (
    Agreement,
    Citation,
    Clause,
    ClauseParty,
    Event,
    Participation,
    Party,
    Renewal,
    Source,
    Statement,
)
from accords.working_copies import CopyConflict, Uncited, make_working_copy, publish_working_copy
from tests import factories

DAY = date(2026, 11, 1)
WORDS = ("un accord d'un an", "de 57 % à 47 %", "Le président a démenti", "renégocié chaque année")


class Unlucky(Exception):
    """There is no row for what the editor wants to do."""


class Editor:
    """One of several editors, each with names of its own; what it does depends on its seed."""

    def __init__(self, name: str, seed: int) -> None:
        self.name, self.chance, self.made = name, random.Random(seed), 0
        self.acts: list[Callable[[], Any]] = [getattr(self, name) for name in dir(type(self)) if name.startswith("do_")]

    def act(self, *, times: int = 1, undo: float = 0.0) -> int:
        """Do one or more things in a transaction, which may be rolled back. Return how many were done."""
        done = 0
        try:
            with transaction.atomic():
                for _ in range(times):
                    try:
                        with transaction.atomic():
                            self.chance.choice(self.acts)()
                        done += 1
                    except (Unlucky, ValidationError, ProtectedError):
                        continue
                transaction.set_rollback(self.chance.random() < undo)
        except (DatabaseError, ObjectDoesNotExist):  # another editor was faster
            return 0
        return done

    def one(self, model: Any, **lookups: Any) -> Any:
        ids = list(model.objects.filter(**lookups).order_by("pk").values_list("pk", flat=True))
        row = model.objects.filter(pk=self.chance.choice(ids)).first() if ids else None
        if row is None:
            raise Unlucky
        return row

    def new(self) -> str:
        self.made += 1
        return f"{self.name}-{self.made}"

    def save(self, row: Any, **values: Any) -> None:
        """Change a row as a form does, with what follows from it."""
        before = services.affected_agreements(row)
        for name, value in values.items():
            setattr(row, name, value)
        factories.save(row)
        services.renewals_changed(before | services.affected_agreements(row), on=DAY)

    def do_agreement(self) -> None:
        agreement = factories.agreement(self.new(), is_published=self.chance.random() < 0.6)
        services.renewals_changed([agreement.pk], on=DAY)

    def do_rows(self) -> None:
        of = self.one(Agreement)
        clause = factories.clause(of, self.new())
        factories.clause_party(clause, self.one(Party), explicit=self.chance.random() < 0.5)
        event = factories.event(of, self.new())
        event.participants.add(self.one(Party))
        statement = factories.statement(of, self.new(), speaker=self.one(Party), clause=clause, event=event)
        statement.mentions.add(self.one(Party))
        factories.citation(clause, self.chance.choice(WORDS), self.one(Source))

    def do_party(self) -> None:
        factories.party(self.new(), represents=self.chance.choice([None, self.one(Party)]))

    def do_source(self) -> None:
        factories.source(self.new(), kind=self.chance.choice(["article", "editorial_note"]))

    def do_cite(self) -> None:
        model = self.chance.choice([Agreement, Clause, Statement, Event, Renewal, Participation, Party])
        field = "effective" if model is Agreement and self.chance.random() < 0.5 else ""
        factories.citation(self.one(model), self.chance.choice(WORDS), self.one(Source), field)

    def do_take_part(self) -> None:
        factories.participation(self.one(Agreement), self.one(Party), self.chance.choice(["party", "mediator"]))

    def do_cease(self) -> None:
        self.one(self.chance.choice([Participation, ClauseParty])).delete()

    def do_publish(self) -> None:
        one = self.one(Agreement, is_published=False)
        self.save(Agreement.objects.select_for_update(no_key=True).get(pk=one.pk), is_published=True)

    def do_withdraw(self) -> None:
        services.withdraw(ids=[self.one(Agreement, is_published=True).pk], on=DAY)

    def do_rename(self) -> None:
        self.save(self.one(self.chance.choice([Agreement, Agreement, Party, Source])), slug=self.new())

    def do_retitle(self) -> None:
        self.save(self.one(self.chance.choice([Agreement, Clause])), title=self.new())

    def do_terms(self) -> None:
        self.save(self.one(Agreement), term=self.chance.choice(["P1Y", "P2Y", "P18M", ""]))

    def do_succeed(self) -> None:
        field = self.chance.choice(["supersedes", "amends"])
        self.save(self.one(Agreement), **{field: self.chance.choice([None, self.one(Agreement)])})

    def do_outcome(self) -> None:
        renewal = self.one(Renewal)
        self.save(renewal, outcome=self.chance.choice([None, self.one(Agreement)]))

    def do_option(self) -> None:
        self.save(self.one(Agreement), option_holder=self.chance.choice([None, self.one(Party)]))

    def do_represent(self) -> None:
        self.save(self.one(Party), represents=self.chance.choice([None, self.one(Party)]))

    def do_source_kind(self) -> None:
        self.save(self.one(Source), kind=self.chance.choice(["article", "editorial_note"]))

    def do_speak(self) -> None:
        self.save(self.one(Statement), speaker=self.chance.choice([None, self.one(Party)]))

    def do_move(self) -> None:
        row = self.one(self.chance.choice([Clause, Event, Participation]))
        type(row).objects.filter(pk=row.pk).update(agreement=self.one(Agreement))

    def do_many(self) -> None:
        Clause.objects.filter(agreement=self.one(Agreement)).update(commodity=self.new())

    def do_working_copy(self) -> None:
        copy = make_working_copy(agreement=self.one(Agreement, is_published=True), on=DAY)
        factories.citation(factories.clause(copy, self.new()), self.chance.choice(WORDS), self.one(Source))
        try:
            publish_working_copy(working_copy=copy, on=DAY)
        except (CopyConflict, Uncited) as error:
            raise Unlucky from error

    def do_delete(self) -> None:
        row = self.one(self.chance.choice([Agreement, Clause, Statement, Event, Citation, Citation, Party, Source]))
        affected = services.affected_agreements(row)
        row.delete()
        services.renewals_changed(affected, on=DAY)
