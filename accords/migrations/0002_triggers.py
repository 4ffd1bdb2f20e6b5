"""Triggers: quotes, relations, slugs, the revision of the data, versions of rows, search index, and feed of changes."""

from django.db import migrations

from accords.db import change_triggers, quote_triggers, relation_triggers, search_triggers, slug_triggers
from accords.db.triggers import (
    IS_INDEXING,
    IS_SUPPORTING,
    merge_run_python,
    nested_in,
    revised,
    revision,
    shown_in,
    versioned,
)

RESOURCES = ("agreement", "party", "clause", "renewal", "statement", "event", "source", "citation")
NESTED = ("participation", "clauseparty", "event_participants", "statement_mentions")
CITED = ("agreement", "clause", "statement", "event", "renewal", "party")
INDEXED = ("agreement", "party", "clause", "statement", "event", "source", "citation")
# The updates that give a row no new version, by model.
IGNORED = {"renewal": (), **dict.fromkeys(INDEXED, (IS_INDEXING,)), "citation": (IS_INDEXING, IS_SUPPORTING)}
OF_AGREEMENT = ("clause", "renewal", "event", "statement", "participation")

# The columns of an agreement from which its renewals derive `condition`, `opens`, `overdue` and `rests_on`.
LIFECYCLE = (
    *("effective", "ends", "effective_condition", "term", "term_ends", "term_from", "renewal_mode"),
    *("renewal_intervals", "renewal_condition", "notice_period", "notice_opens", "max_renewals", "unlimited"),
    *("status", "status_since", "renewals_concluded", "superseded_low", "superseded_high"),
    *("rests_on", "deadlines_rest_on"),
)


def table(name):
    return f"accords_{name}"


def ids(name, column):
    return f"SELECT {column}_id FROM {table(name)} WHERE party_id = NEW.id"


def below(name):
    return f"SELECT id FROM {table(name)} WHERE agreement_id = NEW.id"


# Rows that show the slug of another row, or appear and disappear with it: tables and conditions.
OF_SLUG = {
    "agreement": [
        (table("citation"), "agreement_id = NEW.id"),
        *((table("citation"), f"{name}_id IN ({below(name)})") for name in OF_AGREEMENT),
        *((table(name), "agreement_id = NEW.id") for name in ("clause", "event", "statement", "renewal")),
        (table("renewal"), "outcome_id = NEW.id"),
        (table("agreement"), "supersedes_id = NEW.id"),
        (table("agreement"), "amends_id = NEW.id"),
    ],
    "party": [
        (table("citation"), "party_id = NEW.id"),
        (table("party"), "represents_id = NEW.id"),
        (table("agreement"), "option_holder_id = NEW.id"),
        (table("agreement"), f"id IN ({ids('participation', 'agreement')})"),
        (table("clause"), f"id IN ({ids('clauseparty', 'clause')})"),
        (table("event"), f"id IN ({ids('event_participants', 'event')})"),
        (table("statement"), "speaker_id = NEW.id"),
        (table("statement"), f"id IN ({ids('statement_mentions', 'statement')})"),
    ],
    "source": [(table("citation"), "source_id = NEW.id")],  # and with a citation, the row that it supports
}


class Migration(migrations.Migration):
    dependencies = [("accords", "0001_initial")]

    operations = [
        merge_run_python(
            quote_triggers.operation(),
            *relation_triggers.operations(),
            *slug_triggers.operations(),
            revision().operation(),
            *(revised(table(name)).operation() for name in RESOURCES + NESTED),
            *(versioned(table(name), ignored=IGNORED[name]).operation() for name in RESOURCES),
            nested_in("accords_clauseparty", {"clause_id": "accords_clause"}).operation(),
            nested_in("accords_participation", {"agreement_id": "accords_agreement"}).operation(),
            nested_in("accords_event_participants", {"event_id": "accords_event"}).operation(),
            nested_in("accords_statement_mentions", {"statement_id": "accords_statement"}).operation(),
            nested_in(
                "accords_citation",
                {**{f"{name}_id": table(name) for name in CITED}, "participation_id": "accords_agreement"},
                {"participation_id": "id IN (SELECT agreement_id FROM accords_participation WHERE id IN ({ids}))"},
                has_version=True,
            ).operation(),
            shown_in("shown", "accords_agreement", ("slug", "is_published"), OF_SLUG["agreement"]).operation(),
            shown_in(
                "lifecycle", "accords_agreement", LIFECYCLE, [("accords_renewal", "agreement_id = NEW.id")]
            ).operation(),
            shown_in("shown", "accords_party", ("slug",), OF_SLUG["party"]).operation(),
            shown_in("shown", "accords_source", ("slug", "kind"), OF_SLUG["source"]).operation(),
            search_triggers.operation(),
            *change_triggers.operations(*map(table, RESOURCES + NESTED)),
        )
    ]
