"""Triggers: quotes, relations, the revision of the data, versions of rows, and the search index."""

from django.db import migrations

from accords.db import quote_triggers, relation_triggers, search_triggers
from accords.db.triggers import on_each, revised, revision, versioned, written_with

RESOURCES = ("agreement", "party", "clause", "renewal", "statement", "event", "source", "citation")
NESTED = ("participation", "clauseparty", "event_participants", "statement_mentions")
CITED = ("agreement", "clause", "statement", "event", "renewal", "party")
INDEXED = ("agreement", "party", "clause", "statement", "event", "source", "citation")


def table(name):
    return f"accords_{name}"


class Migration(migrations.Migration):
    dependencies = [("accords", "0001_initial")]

    operations = [
        quote_triggers.operation(),
        *relation_triggers.operations(),
        revision().operation(),
        *on_each(revised, *map(table, RESOURCES + NESTED)),
        *(versioned(table(name), searched=name in INDEXED).operation() for name in RESOURCES),
        written_with("accords_clauseparty", clause_id="accords_clause").operation(),
        written_with("accords_participation", agreement_id="accords_agreement").operation(),
        written_with("accords_event_participants", event_id="accords_event").operation(),
        written_with("accords_statement_mentions", statement_id="accords_statement").operation(),
        written_with("accords_citation", **{f"{name}_id": table(name) for name in CITED}).operation(),
        search_triggers.operation(),
    ]
