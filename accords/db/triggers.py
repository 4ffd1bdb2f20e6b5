"""Triggers that count changes by any writer: the revision of the data, and the version of each row.

A row's version and `updated_at` change together, whenever its representation for a reader changes: with the row itself,
with what is nested in it, and with what it shows of other rows, such as the slug of its agreement.

Migrations create the triggers. SQLite alters a table by copying it, which loses its triggers: see `AlterTables`.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import StateApps

from accords.db.revision import TABLE


class Definition(NamedTuple):
    """A table, function or trigger: the statements that create and drop it."""

    create: str
    drop: str


class Triggers(NamedTuple):
    """Triggers that belong together, with their tables and functions, for each database."""

    sqlite: list[Definition]
    postgresql: list[Definition]

    def operation(self) -> migrations.RunPython:
        """Return the migration operation that creates them, and drops them when it is reversed."""

        def create(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
            for definition in self._definitions_for(editor):
                editor.execute(definition.create, params=None)  # with parameters, % in the SQL would be a placeholder

        def drop(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
            for definition in reversed(self._definitions_for(editor)):
                editor.execute(definition.drop, params=None)

        return migrations.RunPython(create, drop)

    def _definitions_for(self, editor: BaseDatabaseSchemaEditor) -> list[Definition]:
        return self.postgresql if editor.connection.vendor == "postgresql" else self.sqlite


def trigger(name: str, table: str, when: str, action: str) -> Definition:
    """Return a trigger of PostgreSQL. `when` is SQL such as `AFTER UPDATE ON …`, `action` what comes after it."""
    return Definition(f"CREATE TRIGGER {name} {when} {action}", f"DROP TRIGGER {name} ON {table}")


def trigger_function(name: str, body: str, result: str = "NULL") -> Definition:
    """Return a function of PostgreSQL that triggers execute."""
    block = f"BEGIN\n{body}\n RETURN {result};\nEND"
    create = f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\n{block} $$"
    return Definition(create, f"DROP FUNCTION {name}()")


# The revision grows by one, or to the clock's microseconds if these are more: otherwise a restored backup would repeat
# numbers under which caches hold other data.
SECONDS = {
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER)",
    "postgresql": "extract(epoch FROM clock_timestamp())::bigint",
}
RAISE_REVISION = {
    vendor: f"UPDATE {TABLE} SET number = {greatest}(number + 1, {SECONDS[vendor]} * 1000000)"
    for vendor, greatest in (("sqlite", "max"), ("postgresql", "greatest"))
}


def revision() -> Triggers:
    """Return the table of the revision, and on PostgreSQL the triggers that raise it at the end of a transaction.

    Raising it locks the row until the commit, so the numbers are in the order of commits. If it were raised at the
    first write, writers would wait for each other's whole transactions, and two that hold rows which the other needs
    would deadlock. So a writing transaction inserts itself into a table (`…_due`). A deferred trigger deletes that row
    at the commit, and the deferred trigger of this deletion runs after everything else that is deferred, including
    the checks of foreign keys and their locks. Then, in the order of commits, the entries of the feed of changes are
    written (`accords.db.changes`).
    """
    due = f"{TABLE}_due"
    table = Definition(
        f"CREATE TABLE {TABLE} (id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1), number bigint NOT NULL)",
        f"DROP TABLE {TABLE}",
    )
    first_number = {
        vendor: Definition(f"INSERT INTO {TABLE} (number) VALUES ({seconds} * 1000000)", f"DELETE FROM {TABLE}")
        for vendor, seconds in SECONDS.items()
    }

    def deferred(event: str, function: str) -> Definition:
        """Return a trigger of the table `…_due` that runs at the commit."""
        create = f"""CREATE CONSTRAINT TRIGGER {function} AFTER {event} ON {due} DEFERRABLE INITIALLY DEFERRED
 FOR EACH ROW EXECUTE FUNCTION {function}()"""
        return Definition(create, f"DROP TRIGGER {function} ON {due}")

    postgresql = [
        Definition(f"CREATE UNLOGGED TABLE {due} (xact xid8 PRIMARY KEY)", f"DROP TABLE {due}"),
        trigger_function(f"{TABLE}_note", f" INSERT INTO {due} VALUES (pg_current_xact_id()) ON CONFLICT DO NOTHING;"),
        trigger_function(f"{TABLE}_settle", f" DELETE FROM {due} WHERE xact = NEW.xact;"),
        trigger_function(f"{TABLE}_raise", f" {RAISE_REVISION['postgresql']};\n PERFORM accords_change_settle();"),
        deferred("INSERT", f"{TABLE}_settle"),
        deferred("DELETE", f"{TABLE}_raise"),
    ]
    return Triggers([table, first_number["sqlite"]], [table, first_number["postgresql"], *postgresql])


def revised(table: str) -> Triggers:
    """Raise the revision at every write to the table: once for each row on SQLite, which has no statement triggers."""
    rows = [
        Definition(
            f"CREATE TRIGGER {table}_revised_{event.lower()} AFTER {event} ON {table}"
            f" BEGIN {RAISE_REVISION['sqlite']}; END",
            f"DROP TRIGGER {table}_revised_{event.lower()}",
        )
        for event in ("INSERT", "UPDATE", "DELETE")
    ]
    when = f"AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT"
    return Triggers(rows, [trigger(f"{table}_revised", table, when, f"EXECUTE FUNCTION {TABLE}_note()")])


# The condition of an update that only empties `search`, or only writes an index entry that begins with a space
# (`reindexing`).
IS_INDEXING = "(OLD.search IS NOT NULL AND NEW.search IS NULL OR coalesce(NEW.search, '') LIKE ' %')"
# The condition of an update that only sets what a citation from a fixture supports, which no reader sees.
IS_SUPPORTING = "(OLD.supported IS NULL AND NEW.supported IS NOT NULL AND NEW.updated_at = OLD.updated_at)"
NEW_UPDATED_AT = {  # never before the old one, even if the clock is set back; SQLite's clock has milliseconds
    "sqlite": "max(OLD.updated_at, strftime('%Y-%m-%d %H:%M:%f000', 'now'))",
    "postgresql": "greatest(OLD.updated_at, clock_timestamp())",
}


def versioned(table: str, *, ignored: Iterable[str] = ()) -> Triggers:
    """Add one to the `version` of a row at every update, whatever version the update sets, and renew `updated_at`.

    If an update sets another `updated_at`, as `save()` and loading a fixture do, that value stays. Updates that satisfy
    one of the conditions `ignored` change neither.
    """
    condition = " AND ".join(f"NOT {condition}" for condition in ignored) or "TRUE"
    name = f"{table}_versioned"
    sqlite = f"""CREATE TRIGGER {name} AFTER UPDATE ON {table}
 WHEN (NEW.version <> OLD.version + 1 OR NEW.updated_at = OLD.updated_at) AND {condition}
 BEGIN UPDATE {table} SET version = OLD.version + 1,
  updated_at = CASE WHEN NEW.updated_at = OLD.updated_at THEN {NEW_UPDATED_AT["sqlite"]} ELSE NEW.updated_at END
  WHERE id = NEW.id; END"""
    body = f""" NEW.version := OLD.version + 1;
 IF NEW.updated_at = OLD.updated_at THEN
  NEW.updated_at := {NEW_UPDATED_AT["postgresql"]};
 END IF;"""
    action = f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()"
    return Triggers(
        [Definition(sqlite, f"DROP TRIGGER {name}")],
        [trigger_function(name, body, "NEW"), trigger(name, table, f"BEFORE UPDATE ON {table}", action)],
    )


def _increment_versions_sql(table: str, condition: str) -> str:
    return f" UPDATE {table} SET version = version + 1 WHERE {condition};\n"


def nested_in(
    table: str, owners: Mapping[str, str], conditions: Mapping[str, str] | None = None, *, has_version: bool = False
) -> Triggers:
    """Increment the versions of the rows in which rows of the table are nested, when these are written.

    `owners` has the tables of the outer rows, by the column of `table` that refers to them. `conditions` has the
    condition of the outer rows by column, if it is not `id IN ({ids})`; `{ids}` are the values of the column. With
    `has_version`, nested rows have a version, and updates that leave it as it is are ignored. On PostgreSQL one update
    serves all rows of a statement, so that loading many stays cheap.
    """

    def increment_owners_sql(rows: str) -> str:
        """Return the updates of the outer rows; `rows` is SQL for the values of a `{column}`."""
        by_column = dict.fromkeys(owners, "id IN ({ids})") | dict(conditions or {})
        return "".join(
            _increment_versions_sql(owner, by_column[column].format(ids=rows.format(column=column)))
            for column, owner in owners.items()
        )

    name = f"{table}_parts"
    by_row = {"INSERT": "NEW.{column}", "UPDATE": "OLD.{column}, NEW.{column}", "DELETE": "OLD.{column}"}
    when = dict.fromkeys(by_row, "")
    if has_version:  # SQLite raises the version by an update of its own, when the row has its new owner already
        differs = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in ("version", *owners))
        when["UPDATE"] = f" WHEN {differs}"
    sqlite = [
        Definition(
            f"CREATE TRIGGER {name}_{event.lower()} AFTER {event} ON {table}{when[event]} BEGIN\n"
            f"{increment_owners_sql(rows)}END",
            f"DROP TRIGGER {name}_{event.lower()}",
        )
        for event, rows in by_row.items()
    ]
    old_values, new_values = "SELECT {column} FROM rows_before", "SELECT {column} FROM rows_after"
    updated = f"{old_values} UNION {new_values}"
    if has_version:
        before, after = (f"SELECT id, version, {{column}} FROM rows_{time}" for time in ("before", "after"))
        updated = f"SELECT {{column}} FROM ({before} EXCEPT {after} UNION ALL ({after} EXCEPT {before})) changed"
    by_statement = {"INSERT": new_values, "UPDATE": updated, "DELETE": old_values}
    old_table, new_table = "OLD TABLE AS rows_before", "NEW TABLE AS rows_after"
    referencing = {"INSERT": new_table, "UPDATE": f"{old_table} {new_table}", "DELETE": old_table}
    branches = [
        f" IF TG_OP = '{event}' THEN\n{increment_owners_sql(rows)} END IF;\n" for event, rows in by_statement.items()
    ]
    increment_all = "".join(_increment_versions_sql(owner, "TRUE") for owner in owners.values())
    action = f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    postgresql = [
        trigger_function(name, f"{''.join(branches)} IF TG_OP = 'TRUNCATE' THEN\n{increment_all} END IF;"),
        *(
            trigger(f"{name}_{event.lower()}", table, f"AFTER {event} ON {table} REFERENCING {tables}", action)
            for event, tables in referencing.items()
        ),
        trigger(f"{name}_truncate", table, f"AFTER TRUNCATE ON {table}", action),
    ]
    return Triggers(sqlite, postgresql)


def shown_in(name: str, table: str, columns: Iterable[str], rows: Iterable[tuple[str, str]]) -> Triggers:
    """Increment the versions of rows that show columns of another table, when one of these columns changes.

    `rows` has the tables and conditions of these rows; `NEW.id` is the id of the row that changes. A condition that
    needs two indexes is divided into two entries. The trigger is named `table`_`name`.
    """
    columns, full_name = list(columns), f"{table}_{name}"
    event = f"AFTER UPDATE OF {', '.join(columns)} ON {table}"
    body = "".join(_increment_versions_sql(other, condition) for other, condition in rows)
    differs = {
        operator: " OR ".join(f"NEW.{column} {operator} OLD.{column}" for column in columns)
        for operator in ("IS NOT", "IS DISTINCT FROM")
    }
    action = f"FOR EACH ROW WHEN ({differs['IS DISTINCT FROM']}) EXECUTE FUNCTION {full_name}()"
    return Triggers(
        [
            Definition(
                f"CREATE TRIGGER {full_name} {event} WHEN {differs['IS NOT']} BEGIN\n{body}END",
                f"DROP TRIGGER {full_name}",
            )
        ],
        [trigger_function(full_name, body), trigger(full_name, table, event, action)],
    )


def merge_run_python(*operations: Any) -> migrations.RunPython:
    """Return one operation that runs several. Django copies the state of all models for each, so one is faster."""

    def create(apps: StateApps, editor: Any) -> None:
        for operation in operations:
            operation.code(apps, editor)

    def drop(apps: StateApps, editor: Any) -> None:
        for operation in reversed(operations):
            operation.reverse_code(apps, editor)

    return migrations.RunPython(create, drop)


class AlterTables(migrations.SeparateDatabaseAndState):
    """Operations that alter tables, with SQLite's triggers dropped before and created again after them.

    SQLite alters a table by copying it: its triggers would be lost, and those of other tables that use it prevent it.
    """

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations
        super().__init__(database_operations=operations, state_operations=operations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [], {"operations": self.operations})

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        with _without_triggers(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        with _without_triggers(schema_editor):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


@contextmanager
def _without_triggers(editor: BaseDatabaseSchemaEditor) -> Iterator[None]:
    """Drop SQLite's triggers, and create them again after the block if it succeeds. A failure rolls all back."""
    triggers: list[tuple[str, str]] = []
    if editor.connection.vendor == "sqlite":
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
    for name, _ in triggers:
        editor.execute(f"DROP TRIGGER {editor.quote_name(name)}", params=None)
    yield
    for _, sql in triggers:
        editor.execute(sql, params=None)
