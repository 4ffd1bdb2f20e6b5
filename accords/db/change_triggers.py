"""The tables and triggers of the feed of changes; `accords.db.changes` says how they work."""

from collections.abc import Iterator
from dataclasses import fields

from django.db import migrations

from accords.db.changes import (
    COLUMNS,
    COUNT,
    NOTE,
    PRESENT,
    RESOURCES,
    ROW,
    differences,
    entry_statements,
    expansions,
    present_by_resource,
)
from accords.db.triggers import Definition, Triggers
from accords.rules.terms import Terms

# The columns of an agreement on which its renewals depend; models.agreements has the same.
LIFECYCLE = (
    *(field.name for field in fields(Terms)),
    *("status", "status_since", "renewals_concluded", "superseded_low", "superseded_high", "rests_on"),
)
WRITTEN, SEEN = "TRUE, TRUE", "FALSE, FALSE"  # the row changed; perhaps it is seen by others than before


def _tables(vendor: str) -> list[Definition]:
    postgresql = vendor == "postgresql"
    xact, rowid = ("xid8", "") if postgresql else ("integer", " WITHOUT ROWID")
    tables_by_name = {
        NOTE: f"""CREATE {"UNLOGGED " if postgresql else ""}TABLE {NOTE} (xact {xact} NOT NULL,
 resource text NOT NULL, row_id bigint NOT NULL, changed boolean NOT NULL, public_changed boolean NOT NULL,
 PRIMARY KEY (xact, resource, row_id, changed, public_changed)){rowid}""",
        ROW: f"""CREATE TABLE {ROW} (resource text NOT NULL, row_id bigint NOT NULL, is_public boolean NOT NULL,
 slug text NOT NULL, agreement_id bigint, agreement_slug text NOT NULL, PRIMARY KEY (resource, row_id)){rowid}""",
        COUNT: f"""CREATE TABLE {COUNT} (id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
 public bigint NOT NULL DEFAULT 0, editorial bigint NOT NULL DEFAULT 0)""",
    }
    definitions = [Definition(statement, f"DROP TABLE {name}") for name, statement in tables_by_name.items()]
    return [*definitions, Definition(f"INSERT INTO {COUNT} (id) VALUES (1)", f"DELETE FROM {COUNT}")]


def _function() -> list[Definition]:
    """Return the function of PostgreSQL that writes the entries of the transaction that calls it.

    A session keeps the plans of its first calls. Made for small tables they would read these tables whole for each
    note of a large commit, if the function did not insist on indexes.
    """
    declared, present = (
        ", ".join(f"{name} {kind}" for name, kind in columns.items()) for columns in (COLUMNS, PRESENT)
    )
    row = f"ROW({', '.join(f'found.{name}' for name in COLUMNS)})::accords_change_difference"
    before = "".join(f" {statement};\n" for statement in [*expansions("postgresql"), *present_by_resource()])
    after = "".join(f" {statement};\n" for statement in entry_statements("postgresql"))
    return [
        Definition(f"CREATE TYPE accords_change_present AS ({present})", "DROP TYPE accords_change_present"),
        Definition(f"CREATE TYPE accords_change_difference AS ({declared})", "DROP TYPE accords_change_difference"),
        Definition(
            f"""CREATE FUNCTION accords_change_settle() RETURNS void LANGUAGE plpgsql
 SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
 present_rows accords_change_present[] := '{{}}';
 differences accords_change_difference[];
 gone record;
BEGIN
{before} SELECT array_agg({row}) INTO differences FROM ({differences("postgresql")}) found ({", ".join(COLUMNS)});
{after}END $$""",
            "DROP FUNCTION accords_change_settle()",
        ),
    ]


def tables() -> Triggers:
    """Create the tables, and on PostgreSQL the function that the end of a transaction calls."""
    return Triggers(_tables("sqlite"), [*_tables("postgresql"), *_function()])


def _note(resource: str, row: str, extent: str, condition: str = "") -> tuple[str, str]:
    """Return when a trigger writes a note (SQL; blank: always), and what it selects for it.

    `row` is SQL for the id of the row that is noted; `extent` is WRITTEN or SEEN.
    """
    return condition, f"'{resource}', {row}, {extent}"


def _notes(table: str, event: str) -> Iterator[tuple[str, str]]:
    """Yield the conditions and queries of what a write to a row notes."""
    resource = next((name for name, of in RESOURCES.items() if of == table), "")
    sides = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}[event]
    if resource:
        written = "NEW.version <> OLD.version" if event == "UPDATE" else ""
        yield _note(resource, f"{sides[-1]}.id", WRITTEN, written)
    parties = {
        "accords_agreement": ["option_holder_id"],
        "accords_statement": ["speaker_id"],
        "accords_participation": ["party_id"],
        "accords_clauseparty": ["party_id"],
        "accords_event_participants": ["party_id"],
        "accords_statement_mentions": ["party_id"],
    }
    for column in parties.get(table, []):
        for side in sides:
            differs = f"{_differs(column)} AND " if event == "UPDATE" else ""
            yield _note("parties", f"{side}.{column}", SEEN, f"{differs}{side}.{column} IS NOT NULL")
    if table == "accords_citation":
        for side in sides:
            yield _note("sources", f"{side}.source_id", SEEN)
    if event == "UPDATE" and table == "accords_agreement":
        yield _note("terms", "NEW.id", WRITTEN, " OR ".join(map(_differs, LIFECYCLE)))
    if event == "UPDATE" and table == "accords_source":
        yield _note("evidence", "NEW.id", WRITTEN, _differs("kind"))
    if event == "UPDATE" and table in MOVABLE:
        yield _note(f"{table} moved", "NEW.id", SEEN, _differs("agreement_id"))
    if event == "UPDATE" and table == "accords_participation":
        yield _note("parties", "NEW.party_id", SEEN, _differs("agreement_id"))


MOVABLE = ("accords_clause", "accords_event", "accords_statement", "accords_renewal", "accords_participation")


def _differs(column: str) -> str:
    return f"OLD.{column} IS DISTINCT FROM NEW.{column}"


def noted(table: str) -> Triggers:
    """Note what writes to a table change in the feed."""
    sqlite, postgresql = [], []
    for event in ("INSERT", "UPDATE", "DELETE"):
        name = f"{table}_noted_{event.lower()}"
        into = f"INSERT INTO {NOTE} (xact, resource, row_id, changed, public_changed)"
        ignore = "WHERE TRUE ON CONFLICT DO NOTHING"
        notes = list(_notes(table, event))
        for number, (condition, query) in enumerate(notes):
            # SQLite raises the version by an update of its own: a condition on it is checked then.
            when = f" WHEN {condition.replace('IS DISTINCT FROM', 'IS NOT')}" if condition else ""
            trigger = f"{name}_{number}" if number else name
            sqlite.append(
                Definition(
                    f"CREATE TRIGGER {trigger} AFTER {event} ON {table}{when}\n"
                    f"BEGIN {into} SELECT 0, {query} {ignore}; END",
                    f"DROP TRIGGER {trigger}",
                )
            )
        body = "".join(
            f" IF {condition or 'TRUE'} THEN\n  {into} SELECT pg_current_xact_id(), {query} {ignore};\n END IF;\n"
            for condition, query in notes
        )
        postgresql += [
            Definition(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n{body} RETURN NULL;\nEND $$",
                f"DROP FUNCTION {name}()",
            ),
            Definition(
                f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
                f"DROP TRIGGER {name} ON {table}",
            ),
        ]
    everything = f"{table}_noted_truncate"
    return Triggers(
        sqlite,
        [
            *postgresql,
            Definition(
                f"CREATE TRIGGER {everything} AFTER TRUNCATE ON {table} EXECUTE FUNCTION accords_change_note_all()",
                f"DROP TRIGGER {everything} ON {table}",
            ),
        ],
    )


def noting() -> Triggers:
    """Create the function that notes every row, for PostgreSQL's TRUNCATE."""
    body = f"""INSERT INTO {NOTE} (xact, resource, row_id, changed, public_changed)
  SELECT pg_current_xact_id(), resource, row_id, {WRITTEN} FROM {ROW} WHERE TRUE ON CONFLICT DO NOTHING"""
    return Triggers(
        [],
        [
            Definition(
                "CREATE FUNCTION accords_change_note_all() RETURNS trigger LANGUAGE plpgsql AS $$\n"
                f"BEGIN\n {body};\n RETURN NULL;\nEND $$",
                "DROP FUNCTION accords_change_note_all()",
            )
        ],
    )


def operations(*written: str) -> list[migrations.RunPython]:
    """Return the migration operations that create the tables and the triggers of these tables."""
    return [tables().operation(), noting().operation(), *(noted(table).operation() for table in written)]
