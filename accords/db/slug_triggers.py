"""Triggers that reserve a slug for its row: no other row can take a slug that a row has or had.

The models' `clean` checks the same rule (`accords.models.slugs`), and reports it beside the field. On PostgreSQL other
writers may commit between that check and the write. The triggers run when the row is stored, and the unique index makes
other writers of the slug wait: by then every use of the slug by another row is committed and recorded (`UsedSlug`).
"""

from django.db import migrations
from django.utils.translation import gettext_noop

from accords.db.changes import RESOURCES, SLUG, WITH_SLUG
from accords.db.triggers import Definition, Triggers, trigger, trigger_function

REUSED = gettext_noop("Another row had this slug, and its addresses still lead there. Choose another slug.")


def constraint_name(table: str) -> str:
    """Return the name that the trigger raises as CONSTRAINT, such as `party_slug_used_once`.

    `integrity_errors` finds message and field by it.
    """
    return f"{table.removeprefix('accords_')}_slug_used_once"


ERROR_MESSAGES = {constraint_name(RESOURCES[resource]): (REUSED, "slug") for resource in WITH_SLUG}  # message and field


def used_once(resource: str) -> Triggers:
    """Refuse a slug that another row of the resource has or had. A row may have one of its own again."""
    table = RESOURCES[resource]
    name = constraint_name(table)
    reused = f"SELECT 1 FROM {SLUG} u WHERE u.resource = '{resource}' AND u.slug = NEW.slug AND u.row_id <> NEW.id"
    events = (
        ("insert", f"AFTER INSERT ON {table}", ""),
        ("update", f"AFTER UPDATE OF slug, id ON {table}", "(NEW.slug <> OLD.slug OR NEW.id <> OLD.id)"),
    )
    sqlite = [
        Definition(
            f"""CREATE TRIGGER {name}_{event} {when} WHEN {f"{differs} AND " if differs else ""}EXISTS ({reused})
 BEGIN SELECT RAISE(ABORT, '{name}: {REUSED}'); END""",
            f"DROP TRIGGER {name}_{event}",
        )
        for event, when, differs in events
    ]
    function = f"accords_{name}"
    check = f""" IF EXISTS ({reused}) THEN
  RAISE EXCEPTION '{name}: {REUSED}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
 END IF;"""
    postgresql = [
        trigger_function(function, check),
        *(
            trigger(
                f"{name}_{event}",
                table,
                when,
                f"FOR EACH ROW {f'WHEN ({differs}) ' if differs else ''}EXECUTE FUNCTION {function}()",
            )
            for event, when, differs in events
        ),
    ]
    return Triggers(sqlite, postgresql)


def operations() -> list[migrations.RunPython]:
    """Return the migration operations that create the triggers."""
    return [used_once(resource).operation() for resource in WITH_SLUG]
