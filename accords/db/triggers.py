"""What the database keeps by trigger, whoever writes: the revision of the data, and the version of each row.

Migrations apply these rules to their tables. On SQLite a table is made anew whenever it is altered: `Keeping`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

from accords.db.revision import TABLE


class Made(NamedTuple):
    """Something in the database: the statement that makes it and the one that removes it."""

    make: str
    remove: str


class Rule(NamedTuple):
    """A rule of the database, as each kind keeps it."""

    sqlite: list[Made]
    postgresql: list[Made]

    def operation(self) -> migrations.RunPython:
        """The step of a migration that lays the rule down; backwards it takes it up."""

        def apply(apps: Any, editor: Any) -> None:
            for made in self._on(editor):
                editor.execute(made.make, params=None)

        def release(apps: Any, editor: Any) -> None:
            for made in reversed(self._on(editor)):
                editor.execute(made.remove, params=None)

        return migrations.RunPython(apply, release)

    def instead_of(self, other: "Rule") -> migrations.RunPython:
        """The step of a migration that lays this rule down in place of another."""

        def swap(editor: Any, old: Rule, new: Rule) -> None:
            for statement in [made.remove for made in reversed(old._on(editor))] + [
                made.make for made in new._on(editor)
            ]:
                editor.execute(statement, params=None)

        return migrations.RunPython(
            lambda apps, editor: swap(editor, other, self), lambda apps, editor: swap(editor, self, other)
        )

    def _on(self, editor: BaseDatabaseSchemaEditor) -> list[Made]:
        return self.postgresql if editor.connection.vendor == "postgresql" else self.sqlite


def on_each(rule: Callable[[str], Rule], *tables: str) -> list[migrations.RunPython]:
    """The steps of a migration that lay a rule down for each of these tables."""
    return [rule(table).operation() for table in tables]


# The revision. It grows by one, or to the clock's microseconds where these are more: a backup that was put back would
# otherwise count again through numbers under which caches know other answers.
SECONDS = {
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER)",
    "postgresql": "extract(epoch FROM clock_timestamp())::bigint",
}
RAISE = {
    vendor: f"UPDATE {TABLE} SET number = {most}(number + 1, {SECONDS[vendor]} * 1000000)"
    for vendor, most in (("sqlite", "max"), ("postgresql", "greatest"))
}
ONE_ROW = Made(
    f"CREATE TABLE {TABLE} (id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1), number bigint NOT NULL)",
    f"DROP TABLE {TABLE}",
)


def _first(vendor: str) -> Made:
    start = f"INSERT INTO {TABLE} (number) VALUES ({SECONDS[vendor]} * 1000000)"
    return Made(start, f"DELETE FROM {TABLE}")


def _function(name: str, body: str) -> Made:
    made = f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n{body}\n RETURN NULL;\nEND $$"
    return Made(made, f"DROP FUNCTION {name}()")


def _trigger(name: str, table: str, when: str, does: str) -> Made:
    return Made(f"CREATE TRIGGER {name} {when} {does}", f"DROP TRIGGER {name} ON {table}")


def _deferred(event: str, function: str) -> Made:
    table = f"{TABLE}_due"
    made = f"""CREATE CONSTRAINT TRIGGER {function} AFTER {event} ON {table} DEFERRABLE INITIALLY DEFERRED
 FOR EACH ROW EXECUTE FUNCTION {function}()"""
    return Made(made, f"DROP TRIGGER {function} ON {table}")


def revision() -> Rule:
    """The row that holds the number, and on PostgreSQL what raises it once in a transaction, as its very last act.

    Raising it locks the row until the commit is done, so the numbers are in the order of commits. Were it raised at
    the first write, a writer would wait for every other to end, and two who hold rows that the other wants for ever.
    So a writing transaction notes itself (`_due`); at its end the note is removed; and what follows from that removal
    comes after everything else that is deferred, the checks of foreign keys and the locks they take included.
    """
    due = f"{TABLE}_due"
    note = f" INSERT INTO {due} VALUES (pg_current_xact_id()) ON CONFLICT DO NOTHING;"
    steps = [
        Made(f"CREATE UNLOGGED TABLE {due} (xact xid8 PRIMARY KEY)", f"DROP TABLE {due}"),
        _function(f"{TABLE}_note", note),
        _function(f"{TABLE}_settle", f" DELETE FROM {due} WHERE xact = NEW.xact;"),
        _function(f"{TABLE}_raise", f" {RAISE['postgresql']};"),
        _deferred("INSERT", f"{TABLE}_settle"),
        _deferred("DELETE", f"{TABLE}_raise"),
    ]
    return Rule([ONE_ROW, _first("sqlite")], [ONE_ROW, _first("postgresql"), *steps])


def revised(table: str) -> Rule:
    """Every write to the table raises the revision: row by row on SQLite, which has no other triggers."""
    rows = [
        Made(
            f"CREATE TRIGGER {table}_revised_{event.lower()} AFTER {event} ON {table} BEGIN {RAISE['sqlite']}; END",
            f"DROP TRIGGER {table}_revised_{event.lower()}",
        )
        for event in ("INSERT", "UPDATE", "DELETE")
    ]
    when = f"AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT"
    return Rule(rows, [_trigger(f"{table}_revised", table, when, f"EXECUTE FUNCTION {TABLE}_note()")])


# An update that only empties `search`, or (its text begins with a space) only brings the index up to date.
INDEXING = "(OLD.search IS NOT NULL AND NEW.search IS NULL OR coalesce(NEW.search, '') LIKE ' %')"


def versioned(table: str, *, searched: bool = False) -> Rule:
    """Every update of a row makes its `version` one more, whatever the update says it should be.

    Of tables that are searched, updates that concern nothing but the index do not count.
    """
    counts = f"NOT {INDEXING}" if searched else "TRUE"
    name = f"{table}_versioned"
    bump = f"UPDATE {table} SET version = OLD.version + 1 WHERE id = NEW.id"
    sqlite = f"""CREATE TRIGGER {name} AFTER UPDATE ON {table} WHEN NEW.version <> OLD.version + 1 AND {counts}
 BEGIN {bump}; END"""
    function = f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
 NEW.version := OLD.version + 1;
 RETURN NEW;
END $$"""
    does = f"FOR EACH ROW WHEN ({counts}) EXECUTE FUNCTION {name}()"
    return Rule(
        [Made(sqlite, f"DROP TRIGGER {name}")],
        [
            Made(function, f"DROP FUNCTION {name}()"),
            _trigger(name, table, f"BEFORE UPDATE ON {table}", does),
        ],
    )


def written_with(table: str, **wholes: str) -> Rule:
    """A row of the table is written as part of others: `wholes` says by column of which table. Their versions grow."""
    return Rule(_parts_by_row(table, wholes), _parts_by_statement(table, wholes))


def _bump(wholes: dict[str, str], rows: str) -> str:
    """Statements that raise the versions of the wholes to which these rows lead, by column `{column}` of them."""
    return "".join(
        f" UPDATE {whole} SET version = version + 1 WHERE id IN ({rows.format(column=column)});\n"
        for column, whole in wholes.items()
    )


def _parts_by_row(table: str, wholes: dict[str, str]) -> list[Made]:
    rows = {"INSERT": "NEW.{column}", "UPDATE": "OLD.{column}, NEW.{column}", "DELETE": "OLD.{column}"}
    return [
        Made(
            f"CREATE TRIGGER {table}_parts_{event.lower()} AFTER {event} ON {table} BEGIN\n{_bump(wholes, of)}END",
            f"DROP TRIGGER {table}_parts_{event.lower()}",
        )
        for event, of in rows.items()
    ]


def _parts_by_statement(table: str, wholes: dict[str, str]) -> list[Made]:
    """One update for all rows of a statement, so that loading many at once stays cheap."""
    before, after = "SELECT {column} FROM rows_before", "SELECT {column} FROM rows_after"
    old, new = "OLD TABLE AS rows_before", "NEW TABLE AS rows_after"
    rows = {"INSERT": after, "UPDATE": f"{before} UNION {after}", "DELETE": before}
    seen = {"INSERT": f"REFERENCING {new}", "UPDATE": f"REFERENCING {old} {new}", "DELETE": f"REFERENCING {old}"}
    branches = "".join(f" IF TG_OP = '{event}' THEN\n{_bump(wholes, of)} END IF;\n" for event, of in rows.items())
    everything = "".join(f" UPDATE {whole} SET version = version + 1;\n" for whole in wholes.values())
    name = f"{table}_parts"
    does = f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    return [
        _function(name, f"{branches} IF TG_OP = 'TRUNCATE' THEN\n{everything} END IF;"),
        *(
            _trigger(f"{name}_{event.lower()}", table, f"AFTER {event} ON {table} {seen.get(event, '')}", does)
            for event in (*rows, "TRUNCATE")
        ),
    ]


class Keeping(migrations.SeparateDatabaseAndState):
    """Operations that alter tables, with SQLite's triggers taken away before and put back after.

    SQLite alters a table by making it anew: its triggers would be lost, and those of others that speak of it forbid it.
    """

    def __init__(self, operations: list[Operation]) -> None:
        """Keep the operations, which stand for themselves in the state."""
        self.operations = operations
        super().__init__(database_operations=operations, state_operations=operations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """The operations are all there is."""
        return (type(self).__name__, [], {"operations": self.operations})

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Alter the tables."""
        with _lifted(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Alter them back."""
        with _lifted(schema_editor):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


@contextmanager
def _lifted(editor: BaseDatabaseSchemaEditor) -> Iterator[None]:
    """Without triggers, where they would be lost."""
    found: list[tuple[str, str]] = []
    if editor.connection.vendor == "sqlite":
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            found = cursor.fetchall()
    for name, _ in found:
        editor.execute(f"DROP TRIGGER {editor.quote_name(name)}", params=None)
    yield
    for _, made in found:
        editor.execute(made, params=None)
