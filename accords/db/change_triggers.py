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
    *("status", "status_since", "renewals_concluded", "superseded_low", "superseded_high"),
    *("rests_on", "deadlines_rest_on"),
)
# The columns `changed` and `public_changed` of a note: the row changed, or perhaps only who can see it.
WRITTEN, SEEN = "TRUE, TRUE", "FALSE, FALSE"


def _tables(vendor: str) -> list[Definition]:
    """Return the tables of notes, of the rows as the feed last recorded them, and of the last positions."""
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

    A session keeps the plans of its first calls. Plans made for small tables would read them whole for each note of a
    large commit, so the function allows only plans with indexes (`enable_seqscan = off`).
    """
    declared, present = (
        ", ".join(f"{name} {kind}" for name, kind in columns.items()) for columns in (COLUMNS, PRESENT)
    )
    row = f"ROW({', '.join(f'found.{name}' for name in COLUMNS)})::accords_change_difference"
    preparation = "".join(f" {statement};\n" for statement in [*expansions("postgresql"), *present_by_resource()])
    conclusion = "".join(f" {statement};\n" for statement in entry_statements("postgresql"))
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
{preparation} SELECT array_agg({row}) INTO differences FROM ({differences("postgresql")}) found ({", ".join(COLUMNS)});
{conclusion}END $$""",
            "DROP FUNCTION accords_change_settle()",
        ),
    ]


def tables() -> Triggers:
    """Return the tables, and on PostgreSQL the function that is called at the end of a transaction."""
    return Triggers(_tables("sqlite"), [*_tables("postgresql"), *_function()])


def _note_query(resource: str, row_id: str, extent: str, condition: str = "") -> tuple[str, str]:
    """Return the condition on which a trigger writes a note (blank: always), and the values of the note.

    All but `resource` are SQL. `row_id` is the id of the row that is noted, `extent` is WRITTEN or SEEN.
    """
    return condition, f"'{resource}', {row_id}, {extent}"


def _note_queries(table: str, event: str) -> Iterator[tuple[str, str]]:
    """Yield the conditions and values (`_note_query`) of the notes that an `event` of a table writes."""
    resource = next((name for name, resource_table in RESOURCES.items() if resource_table == table), "")
    row_states = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}[event]
    if resource:
        has_changed = "NEW.version <> OLD.version" if event == "UPDATE" else ""
        yield _note_query(resource, f"{row_states[-1]}.id", WRITTEN, has_changed)
    party_columns = {
        "accords_agreement": ["option_holder_id"],
        "accords_statement": ["speaker_id"],
        "accords_participation": ["party_id"],
        "accords_clauseparty": ["party_id"],
        "accords_event_participants": ["party_id"],
        "accords_statement_mentions": ["party_id"],
    }
    for column in party_columns.get(table, []):
        for row_state in row_states:
            differs = f"{_differs(column)} AND " if event == "UPDATE" else ""
            yield _note_query("parties", f"{row_state}.{column}", SEEN, f"{differs}{row_state}.{column} IS NOT NULL")
    if table == "accords_citation":
        for row_state in row_states:
            yield _note_query("sources", f"{row_state}.source_id", SEEN)
    if event == "UPDATE" and table == "accords_agreement":
        yield _note_query("terms", "NEW.id", WRITTEN, " OR ".join(map(_differs, LIFECYCLE)))
    if event == "UPDATE" and table == "accords_source":
        yield _note_query("evidence", "NEW.id", WRITTEN, _differs("kind"))
    if event == "UPDATE" and table in MOVABLE:
        yield _note_query(f"{table} moved", "NEW.id", SEEN, _differs("agreement_id"))
    if event == "UPDATE" and table == "accords_participation":
        yield _note_query("parties", "NEW.party_id", SEEN, _differs("agreement_id"))


# Tables whose rows can move to another agreement.
MOVABLE = ("accords_clause", "accords_event", "accords_statement", "accords_renewal", "accords_participation")


def _differs(column: str) -> str:
    return f"OLD.{column} IS DISTINCT FROM NEW.{column}"


def note_triggers(table: str) -> Triggers:
    """Return the triggers that note the rows whose entries in the feed a write to a table may change."""
    sqlite, postgresql = [], []
    for event in ("INSERT", "UPDATE", "DELETE"):
        name = f"{table}_noted_{event.lower()}"
        into = f"INSERT INTO {NOTE} (xact, resource, row_id, changed, public_changed)"
        ignore = "WHERE TRUE ON CONFLICT DO NOTHING"
        notes = list(_note_queries(table, event))
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
    on_truncate = f"{table}_noted_truncate"
    return Triggers(
        sqlite,
        [
            *postgresql,
            Definition(
                f"CREATE TRIGGER {on_truncate} AFTER TRUNCATE ON {table} EXECUTE FUNCTION accords_change_note_all()",
                f"DROP TRIGGER {on_truncate} ON {table}",
            ),
        ],
    )


def truncate_function() -> Triggers:
    """Return the function that notes every row, for PostgreSQL's TRUNCATE."""
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


def operations(*noted_tables: str) -> list[migrations.RunPython]:
    """Return the migration operations that create the tables of the feed, and triggers on `noted_tables`."""
    return [
        tables().operation(),
        truncate_function().operation(),
        *(note_triggers(table).operation() for table in noted_tables),
    ]
