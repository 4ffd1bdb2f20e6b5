"""The tables and triggers of the search index: FTS5 on SQLite, `tsvector` and GIN on PostgreSQL.

The words of a row arrive in its column `search`, which a trigger empties again. A row written without them is noted in
`accords_search_stale`, and `manage.py rebuild_search --stale` indexes it.
"""

from typing import Any

from django.db import migrations

# The columns on which the words of a row depend.
SEARCHED = {
    "accords_agreement": ["title", "subject"],
    "accords_clause": ["number", "title", "text", "commodity", "scope_note", "language"],
    "accords_event": ["place", "date_text"],
    "accords_party": ["name", "aliases"],
    "accords_source": ["title", "text", "language"],
    "accords_statement": ["proposition", "speaker_label", "topics"],
}
SQLITE_INDEX = """CREATE VIRTUAL TABLE {table}_words
 USING fts5(head, head_stems, body, body_stems, tokenize = 'ascii', columnsize = 0)"""
SQLITE_STALE = """CREATE TABLE accords_search_stale (
 seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, row_id INTEGER NOT NULL, UNIQUE (kind, row_id))"""
SQLITE_CARRY = """DELETE FROM {table}_words WHERE rowid = NEW.id;
 INSERT INTO {table}_words (rowid, head, head_stems, body, body_stems) SELECT NEW.id,
  json_extract(NEW.search, '$.head'), json_extract(NEW.search, '$.head_stems'),
  json_extract(NEW.search, '$.body'), json_extract(NEW.search, '$.body_stems');
 DELETE FROM accords_search_stale WHERE kind = '{table}' AND row_id = NEW.id;
 UPDATE {table} SET search = NULL WHERE id = NEW.id;"""
SQLITE_NOTE = """DELETE FROM accords_search_stale WHERE kind = '{table}' AND row_id = NEW.id;
 INSERT INTO accords_search_stale (kind, row_id) VALUES ('{table}', NEW.id);"""
SQLITE_GONE = """DELETE FROM {table}_words WHERE rowid = OLD.id;
 DELETE FROM accords_search_stale WHERE kind = '{table}' AND row_id = OLD.id;"""
SQLITE_TRIGGERS = {
    "words_new": ("INSERT", "NEW.search IS NOT NULL", SQLITE_CARRY),
    "words_changed": ("UPDATE OF search", "NEW.search IS NOT NULL", SQLITE_CARRY),
    "words_missing": ("INSERT", "NEW.search IS NULL", SQLITE_NOTE),
    "words_stale": ("UPDATE OF {columns}", "NEW.search IS NULL AND ({differ})", SQLITE_NOTE),
    "words_gone": ("DELETE", "TRUE", SQLITE_GONE),
}

POSTGRESQL_STALE = [
    """CREATE TABLE accords_search_stale (
 seq bigserial, kind text NOT NULL, row_id bigint NOT NULL, PRIMARY KEY (kind, row_id))""",
    "CREATE INDEX accords_search_stale_seq ON accords_search_stale (kind, seq)",
]
POSTGRESQL_FUNCTIONS = [
    """CREATE FUNCTION accords_words_carried() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
 taken boolean;
 kept jsonb := NEW.search::jsonb;
 head text[] := string_to_array(kept->>'head', ' ') || string_to_array(kept->>'head_stems', ' ');
 body text[] := string_to_array(kept->>'body', ' ') || string_to_array(kept->>'body_stems', ' ');
BEGIN
 IF TG_OP = 'INSERT' THEN  -- an INSERT with ON CONFLICT must not change the index of the existing row
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE id = $1)', TG_TABLE_NAME) INTO taken USING NEW.id;
  IF taken THEN
   RETURN NEW;
  END IF;
 END IF;
 EXECUTE format('INSERT INTO %I (rowid, head, words, head_text, body_text) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (rowid) DO UPDATE SET head = excluded.head, words = excluded.words, head_text = excluded.head_text,
   body_text = excluded.body_text', TG_TABLE_NAME || '_words')
  USING NEW.id, array_to_tsvector(head), array_to_tsvector(head || body),
   ' ' || (kept->>'head') || ' ', ' ' || (kept->>'body') || ' ';
 DELETE FROM accords_search_stale WHERE kind = TG_TABLE_NAME AND row_id = NEW.id;
 NEW.search := NULL;
 RETURN NEW;
END $$""",
    """CREATE FUNCTION accords_words_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
 INSERT INTO accords_search_stale (kind, row_id) VALUES (TG_TABLE_NAME, NEW.id)
  ON CONFLICT (kind, row_id) DO UPDATE SET seq = excluded.seq;
 RETURN NEW;
END $$""",
    """CREATE FUNCTION accords_words_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
 IF TG_OP = 'TRUNCATE' THEN
  EXECUTE format('TRUNCATE %I', TG_TABLE_NAME || '_words');
  DELETE FROM accords_search_stale WHERE kind = TG_TABLE_NAME;
 ELSE
  EXECUTE format('DELETE FROM %I WHERE rowid = $1', TG_TABLE_NAME || '_words') USING OLD.id;
  DELETE FROM accords_search_stale WHERE kind = TG_TABLE_NAME AND row_id = OLD.id;
 END IF;
 RETURN NULL;
END $$""",
]
POSTGRESQL_INDEX = [
    """CREATE TABLE {table}_words (rowid bigint PRIMARY KEY, head tsvector NOT NULL, words tsvector NOT NULL,
 head_text text NOT NULL, body_text text NOT NULL)""",
    "CREATE INDEX {table}_words_head ON {table}_words USING gin (head) WITH (fastupdate = off)",
    "CREATE INDEX {table}_words_words ON {table}_words USING gin (words) WITH (fastupdate = off)",
]
# They run before the row is written, so that its constraints are checked once; and in the order of their names.
POSTGRESQL_TRIGGERS = {
    "words_1_missing": ("BEFORE INSERT", "FOR EACH ROW WHEN (NEW.search IS NULL)", "noted"),
    "words_1_stale": ("BEFORE UPDATE OF {columns}", "FOR EACH ROW WHEN (NEW.search IS NULL AND ({differ}))", "noted"),
    "words_2_new": ("BEFORE INSERT", "FOR EACH ROW WHEN (NEW.search IS NOT NULL)", "carried"),
    "words_2_changed": ("BEFORE UPDATE OF search", "FOR EACH ROW WHEN (NEW.search IS NOT NULL)", "carried"),
    "words_3_gone": ("AFTER DELETE", "FOR EACH ROW", "gone"),
    "words_3_all_gone": ("AFTER TRUNCATE", "FOR EACH STATEMENT", "gone"),
}


def triggers(table: str, vendor: str) -> list[str]:
    """Return the statements that create the triggers of a table."""
    columns, found = SEARCHED[table], []
    for name, (event, when, then) in (POSTGRESQL_TRIGGERS if vendor == "postgresql" else SQLITE_TRIGGERS).items():
        if vendor == "postgresql":
            trigger = f"CREATE TRIGGER {table}_{name} {event} ON {table} {when} EXECUTE FUNCTION accords_words_{then}()"
            differ = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
        else:
            trigger = f"CREATE TRIGGER {table}_{name} AFTER {event} ON {table} WHEN {when} BEGIN {then} END"
            differ = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
        found.append(trigger.format(table=table, columns=", ".join(columns), differ=differ))
    return found


def create(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    for statement in [*POSTGRESQL_STALE, *POSTGRESQL_FUNCTIONS] if vendor == "postgresql" else [SQLITE_STALE]:
        schema_editor.execute(statement, params=None)
    for table in SEARCHED:
        for statement in POSTGRESQL_INDEX if vendor == "postgresql" else [SQLITE_INDEX]:
            schema_editor.execute(statement.format(table=table), params=None)
        for statement in triggers(table, vendor):
            schema_editor.execute(statement, params=None)
        note = f"INSERT INTO accords_search_stale (kind, row_id) SELECT '{table}', id FROM {table}"
        schema_editor.execute(note, params=None)


def drop(apps: Any, schema_editor: Any) -> None:
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table in SEARCHED:
        for name in POSTGRESQL_TRIGGERS if postgresql else SQLITE_TRIGGERS:
            schema_editor.execute(f"DROP TRIGGER {table}_{name}{f' ON {table}' if postgresql else ''}", params=None)
        schema_editor.execute(f"DROP TABLE {table}_words", params=None)
    for name in ("carried", "noted", "gone") if postgresql else ():
        schema_editor.execute(f"DROP FUNCTION accords_words_{name}()", params=None)
    schema_editor.execute("DROP TABLE accords_search_stale", params=None)


def operation() -> migrations.RunPython:
    """Return the migration operation that creates the index and notes every row as stale."""
    return migrations.RunPython(create, drop)
