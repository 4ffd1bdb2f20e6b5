"""A revision of all data and a version of each row, both kept by the database itself."""

from django.db import migrations, models

from accords.db.triggers import Keeping, on_each, revised, revision, versioned, written_with

RESOURCES = ("agreement", "party", "clause", "renewal", "statement", "event", "source", "citation")
PARTS = ("participation", "clauseparty", "event_participants", "statement_mentions")
CITED = ("agreement", "clause", "statement", "event", "renewal")
HELP = "How often the row, or what is written as part of it, was changed, from 1; kept by the database."


def table(name):
    """The table of a model."""
    return f"accords_{name}"


def version(name):
    """The column."""
    field = models.PositiveIntegerField(db_default=1, default=1, editable=False, help_text=HELP, serialize=False)
    return migrations.AddField(model_name=name, name="version", field=field)


class Migration(migrations.Migration):
    dependencies = [("accords", "0008_tokens")]

    operations = [
        Keeping(operations=[version(name) for name in RESOURCES]),
        revision().operation(),
        *on_each(revised, *map(table, RESOURCES + PARTS)),
        *on_each(versioned, *map(table, RESOURCES)),
        written_with("accords_clauseparty", clause_id="accords_clause").operation(),
        written_with("accords_participation", agreement_id="accords_agreement").operation(),
        written_with("accords_event_participants", event_id="accords_event").operation(),
        written_with("accords_statement_mentions", statement_id="accords_statement").operation(),
        written_with("accords_citation", **{f"{name}_id": table(name) for name in CITED}).operation(),
    ]
