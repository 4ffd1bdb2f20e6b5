"""Triggers that refuse false quotes and changes of cited texts: always `source.text[start:end] == exact`.

Offsets count Unicode code points, as `substr` and `length` do on SQLite and on PostgreSQL in UTF-8.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils.translation import gettext_noop

QUOTE = """substr({text}, NEW."start" + 1, NEW."end" - NEW."start") = NEW.exact
   AND NEW."start" >= length(NEW.prefix)
   AND substr({text}, NEW."start" + 1 - length(NEW.prefix), length(NEW.prefix)) = NEW.prefix
   AND substr({text}, NEW."end" + 1, length(NEW.suffix)) = NEW.suffix"""
QUOTE_MESSAGE = gettext_noop("The source does not have this quote at these offsets.")
CITED_MESSAGE = gettext_noop("This text is cited, so it cannot change.")
# The names that the triggers raise as CONSTRAINT, and the message and field of each.
QUOTE_KEPT, TEXT_KEPT = "citation_quote_kept", "source_text_kept"
ERROR_MESSAGES = {QUOTE_KEPT: (QUOTE_MESSAGE, "exact"), TEXT_KEPT: (CITED_MESSAGE, "text")}

SQLITE = [
    f"""CREATE TRIGGER accords_citation_quote_{name} BEFORE {event} ON accords_citation
 WHEN NOT EXISTS (SELECT 1 FROM accords_source s WHERE s.id = NEW.source_id AND {QUOTE.format(text="s.text")})
 BEGIN SELECT RAISE(ABORT, '{QUOTE_KEPT}: {QUOTE_MESSAGE}'); END"""
    for name, event in (("insert", "INSERT"), ("update", 'UPDATE OF source_id, exact, prefix, suffix, "start", "end"'))
] + [
    f"""CREATE TRIGGER accords_source_text_kept BEFORE UPDATE OF text ON accords_source
 WHEN NEW.text <> OLD.text AND EXISTS (SELECT 1 FROM accords_citation c WHERE c.source_id = OLD.id)
 BEGIN SELECT RAISE(ABORT, '{TEXT_KEPT}: {CITED_MESSAGE}'); END"""
]
SQLITE_DROP = [
    "DROP TRIGGER accords_citation_quote_insert",
    "DROP TRIGGER accords_citation_quote_update",
    "DROP TRIGGER accords_source_text_kept",
]

POSTGRESQL = [
    f"""CREATE FUNCTION accords_citation_quote_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
 PERFORM 1 FROM accords_source WHERE id = NEW.source_id FOR SHARE;  -- nobody changes its text until the commit
 IF NOT EXISTS (SELECT 1 FROM accords_source s WHERE s.id = NEW.source_id AND {QUOTE.format(text="s.text")}) THEN
  RAISE EXCEPTION '{QUOTE_KEPT}: {QUOTE_MESSAGE}' USING ERRCODE = 'check_violation', CONSTRAINT = '{QUOTE_KEPT}';
 END IF;
 RETURN NEW;
END $$""",
    """CREATE TRIGGER accords_citation_quote BEFORE INSERT OR UPDATE OF source_id, exact, prefix, suffix, "start", "end"
 ON accords_citation FOR EACH ROW EXECUTE FUNCTION accords_citation_quote_kept()""",
    f"""CREATE FUNCTION accords_source_text_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
 IF EXISTS (SELECT 1 FROM accords_citation c WHERE c.source_id = OLD.id) THEN
  RAISE EXCEPTION '{TEXT_KEPT}: {CITED_MESSAGE}' USING ERRCODE = 'check_violation', CONSTRAINT = '{TEXT_KEPT}';
 END IF;
 RETURN NEW;
END $$""",
    """CREATE TRIGGER accords_source_text BEFORE UPDATE OF text ON accords_source
 FOR EACH ROW WHEN (NEW.text IS DISTINCT FROM OLD.text) EXECUTE FUNCTION accords_source_text_kept()""",
]
POSTGRESQL_DROP = [
    "DROP TRIGGER accords_citation_quote ON accords_citation",
    "DROP FUNCTION accords_citation_quote_kept()",
    "DROP TRIGGER accords_source_text ON accords_source",
    "DROP FUNCTION accords_source_text_kept()",
]


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)


def drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL_DROP if schema_editor.connection.vendor == "postgresql" else SQLITE_DROP:
        schema_editor.execute(statement, params=None)


def operation() -> migrations.RunPython:
    """Return the migration operation that creates the triggers."""
    return migrations.RunPython(create, drop)
