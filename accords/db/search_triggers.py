"""The tables and triggers of the search index: FTS5 on SQLite, `tsvector` and GIN on PostgreSQL.

The index entry of a row is written as JSON into its column `search`, which a trigger empties again. A row written
without it is marked as stale in `accords_search_stale`, and `manage.py rebuild_search --stale` indexes it. Each table
has an index of words (`…_words`), if its words are searched, and folded copies of some fields (`…_folded`).
"""

from collections.abc import Iterator

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from accords.db.search_index import SearchEntry, search_entry_field

SQLITE = {
    "stale": """CREATE TABLE accords_search_stale (
 seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, row_id INTEGER NOT NULL, UNIQUE (kind, row_id))""",
    "words": """CREATE VIRTUAL TABLE {table}_words
 USING fts5(head, head_stems, body, body_stems, tokenize = 'ascii', columnsize = 0)""",
    "index_words": """DELETE FROM {table}_words WHERE rowid = NEW.id;
 INSERT INTO {table}_words (rowid, head, head_stems, body, body_stems) SELECT NEW.id,
  json_extract(NEW.search, '$.head'), json_extract(NEW.search, '$.head_stems'),
  json_extract(NEW.search, '$.body'), json_extract(NEW.search, '$.body_stems');""",
    "index": """{index_words}
 INSERT OR REPLACE INTO {table}_folded (rowid, {folded}) SELECT NEW.id, {extracted};
 DELETE FROM accords_search_stale WHERE kind = '{table}' AND row_id = NEW.id;
 UPDATE {table} SET search = NULL WHERE id = NEW.id;""",
    "note": """DELETE FROM accords_search_stale WHERE kind = '{table}' AND row_id = NEW.id;
 INSERT INTO accords_search_stale (kind, row_id) VALUES ('{table}', NEW.id);""",
    "remove": """{remove_words}
 DELETE FROM {table}_folded WHERE rowid = OLD.id;
 DELETE FROM accords_search_stale WHERE kind = '{table}' AND row_id = OLD.id;""",
}
SQLITE_TRIGGERS = {
    "words_new": ("INSERT", "NEW.search IS NOT NULL", "index"),
    "words_changed": ("UPDATE OF search", "NEW.search IS NOT NULL", "index"),
    "words_missing": ("INSERT", "NEW.search IS NULL", "note"),
    "words_stale": ("UPDATE OF {columns}", "NEW.search IS NULL AND ({differ})", "note"),
    "words_gone": ("DELETE", "TRUE", "remove"),
}
POSTGRESQL = {
    "stale": """CREATE TABLE accords_search_stale (
 seq bigserial, kind text NOT NULL, row_id bigint NOT NULL, PRIMARY KEY (kind, row_id));
CREATE INDEX accords_search_stale_seq ON accords_search_stale (kind, seq)""",
    "words": """CREATE TABLE {table}_words (rowid bigint PRIMARY KEY, head tsvector NOT NULL, words tsvector NOT NULL,
 head_text text NOT NULL, body_text text NOT NULL);
CREATE INDEX {table}_words_head ON {table}_words USING gin (head) WITH (fastupdate = off);
CREATE INDEX {table}_words_words ON {table}_words USING gin (words) WITH (fastupdate = off)""",
    "index_words": """INSERT INTO {table}_words (rowid, head, words, head_text, body_text)
  VALUES (NEW.id, array_to_tsvector(head), array_to_tsvector(head || body),
   ' ' || (kept->>'head') || ' ', ' ' || (kept->>'body') || ' ')
  ON CONFLICT (rowid) DO UPDATE SET head = excluded.head, words = excluded.words, head_text = excluded.head_text,
   body_text = excluded.body_text;""",
    "index": """DECLARE
 kept jsonb := NEW.search::jsonb;
 head text[] := string_to_array(kept->>'head', ' ') || string_to_array(kept->>'head_stems', ' ');
 body text[] := string_to_array(kept->>'body', ' ') || string_to_array(kept->>'body_stems', ' ');
BEGIN
 -- An INSERT with ON CONFLICT must not change the index of the existing row.
 IF TG_OP = 'INSERT' AND EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) THEN
  RETURN NEW;
 END IF;
 {index_words}
 INSERT INTO {table}_folded (rowid, {folded}) VALUES (NEW.id, {extracted})
  ON CONFLICT (rowid) DO UPDATE SET {replaced};
 DELETE FROM accords_search_stale WHERE kind = '{table}' AND row_id = NEW.id;
 NEW.search := NULL;
 RETURN NEW;
END""",
    "note": """BEGIN
 INSERT INTO accords_search_stale (kind, row_id) VALUES ('{table}', NEW.id)
  ON CONFLICT (kind, row_id) DO UPDATE SET seq = excluded.seq;
 RETURN NEW;
END""",
    "remove": """BEGIN
 IF TG_OP = 'TRUNCATE' THEN
  TRUNCATE {tables};
  DELETE FROM accords_search_stale WHERE kind = '{table}';
 ELSE
  {remove_words}
  DELETE FROM {table}_folded WHERE rowid = OLD.id;
  DELETE FROM accords_search_stale WHERE kind = '{table}' AND row_id = OLD.id;
 END IF;
 RETURN NULL;
END""",
}
# BEFORE triggers, so that the constraints of the row are checked once. They run in the order of their names.
POSTGRESQL_TRIGGERS = {
    "words_1_missing": ("BEFORE INSERT", "FOR EACH ROW WHEN (NEW.search IS NULL)", "note"),
    "words_1_stale": ("BEFORE UPDATE OF {columns}", "FOR EACH ROW WHEN (NEW.search IS NULL AND ({differ}))", "note"),
    "words_2_new": ("BEFORE INSERT", "FOR EACH ROW WHEN (NEW.search IS NOT NULL)", "index"),
    "words_2_changed": ("BEFORE UPDATE OF search", "FOR EACH ROW WHEN (NEW.search IS NOT NULL)", "index"),
    "words_3_gone": ("AFTER DELETE", "FOR EACH ROW", "remove"),
    "words_3_all_gone": ("AFTER TRUNCATE", "FOR EACH STATEMENT", "remove"),
}
FOLDED = "CREATE TABLE {table}_folded (rowid {key} PRIMARY KEY, {definitions})"


def statements(table: str, field: SearchEntry, vendor: str) -> Iterator[str]:
    """Yield the statements that create the index of a table."""
    postgresql = vendor == "postgresql"
    sql, differs = (POSTGRESQL, "IS DISTINCT FROM") if postgresql else (SQLITE, "IS NOT")
    dependencies, folded = sorted(field.dependencies), [f'"{name}"' for name in field.folded]
    names = {
        "table": table,
        "tables": ", ".join(field.tables(table)),
        "key": "bigint" if postgresql else "integer",
        "columns": ", ".join(dependencies),
        "differ": " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in dependencies),
        "folded": ", ".join(folded),
        "definitions": ", ".join(f"{name} text NOT NULL" for name in folded),
        "extracted": ", ".join(
            f"kept->'folded'->>'{name}'" if postgresql else f"json_extract(NEW.search, '$.folded.{name}')"
            for name in field.folded
        ),
        "replaced": ", ".join(f"{name} = excluded.{name}" for name in folded),
    }
    names["index_words"] = sql["index_words"].format(**names) if field.searched_fields else ""
    names["remove_words"] = f"DELETE FROM {table}_words WHERE rowid = OLD.id;" if field.searched_fields else ""
    if field.searched_fields:
        yield sql["words"].format(**names)
    yield FOLDED.format(**names)
    if postgresql:
        for action in ("index", "note", "remove"):
            body = sql[action].format(**names)
            yield f"CREATE FUNCTION {table}_words_{action}() RETURNS trigger LANGUAGE plpgsql AS $$\n{body} $$"
    for name, (event, when, action) in (POSTGRESQL_TRIGGERS if postgresql else SQLITE_TRIGGERS).items():
        runs = f"{when} EXECUTE FUNCTION {table}_words_{action}()"
        body = f"AFTER {event} ON {table} WHEN {when} BEGIN {sql[action].format(**names)} END"
        yield f"CREATE TRIGGER {table}_{name} {f'{event} ON {table} {runs}' if postgresql else body}".format(**names)
    yield f"INSERT INTO accords_search_stale (kind, row_id) SELECT '{table}', id FROM {table}"


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    vendor = schema_editor.connection.vendor
    schema_editor.execute((POSTGRESQL if vendor == "postgresql" else SQLITE)["stale"], params=None)
    for table, field in indexed_tables(apps):
        for statement in statements(table, field, vendor):
            schema_editor.execute(statement, params=None)


def drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table, field in indexed_tables(apps):
        for name in POSTGRESQL_TRIGGERS if postgresql else SQLITE_TRIGGERS:
            schema_editor.execute(f"DROP TRIGGER {table}_{name}{f' ON {table}' if postgresql else ''}", params=None)
        for index in field.tables(table):
            schema_editor.execute(f"DROP TABLE {index}", params=None)
        for action in ("index", "note", "remove") if postgresql else ():
            schema_editor.execute(f"DROP FUNCTION {table}_words_{action}()", params=None)
    schema_editor.execute("DROP TABLE accords_search_stale", params=None)


def indexed_tables(apps: StateApps) -> list[tuple[str, SearchEntry]]:
    """Return the tables with an index, and the field of each. `apps` has the models as of the migration."""
    models = apps.get_app_config("accords").get_models()
    return [(model._meta.db_table, field) for model in models if (field := search_entry_field(model))]


def operation() -> migrations.RunPython:
    """Return the migration operation that creates the index, with every row stale (`rebuild_search --stale`)."""
    return migrations.RunPython(create, drop)
