"""The change log: a record of every write to a row of the domain; of the rows that are there, their first."""

import datetime

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

import accords.db.fields

THROUGH = "command:migrate"
NOUNS = (
    "source",
    "party",
    "agreement",
    "participation",
    "clause",
    "clauseparty",
    "event",
    "renewal",
    "statement",
    "citation",
)
RELATIONS = (("event", "event_participants"), ("statement", "statement_mentions"))


def first_records(apps, editor):
    """Record every row as it is now: of what it was before nothing is known."""
    now = editor.connection.ops.adapt_datetimefield_value(timezone.now())
    for noun in NOUNS:
        table, log = f"accords_{noun}", f"accords_historical{noun}"
        kept = {field.column for field in apps.get_model("accords", noun)._meta.concrete_fields}
        columns = [field.column for field in apps.get_model("accords", f"historical{noun}")._meta.concrete_fields]
        names = ", ".join(editor.quote_name(name) for name in columns if name in kept)
        editor.execute(
            f"INSERT INTO {log} ({names}, history_date, history_type, through) "
            f"SELECT {names}, %s, '+', %s FROM {table} WHERE id NOT IN (SELECT id FROM {log})",
            [now, THROUGH],
        )
    for noun, relation in RELATIONS:
        names = ("id", f"{noun}_id", "party_id")
        editor.execute(
            f"INSERT INTO accords_historical{relation} ({', '.join(names)}, history_id) "
            f"SELECT {', '.join(f't.{name}' for name in names)}, h.history_id FROM accords_{relation} t "
            f"JOIN accords_historical{noun} h ON h.id = t.{noun}_id"
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accords", "0010_idempotency"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalEvent",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was last changed: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "number",
                    accords.db.fields.Line(
                        help_text="The editors' own number, unique within the agreement: `E1`.", max_length=50
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("meeting", "meeting"),
                            ("visit", "visit"),
                            ("signature", "signature"),
                            ("entry_into_force", "entry into force"),
                            ("amendment", "amendment"),
                            ("termination", "termination"),
                        ],
                        help_text="What sort of event.",
                        max_length=32,
                    ),
                ),
                (
                    "country",
                    accords.db.fields.Country(
                        blank=True,
                        default="",
                        help_text="Where: ISO 3166-1 alpha-2 code; blank = not stated.",
                        max_length=2,
                    ),
                ),
                (
                    "place",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="Where, in the source's own words; blank = not stated.",
                        max_length=200,
                    ),
                ),
                (
                    "date",
                    models.CharField(
                        blank=True, default="", help_text="When. EDTF (ISO 8601-2); blank = not stated.", max_length=64
                    ),
                ),
                (
                    "date_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `date` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "date_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `date` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "date_text",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="When, in the source's own words: `avril prochain`.",
                        max_length=200,
                    ),
                ),
                (
                    "duration",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long it lasted: `PT1H40M`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                    ),
                ),
                (
                    "approximate",
                    models.BooleanField(
                        default=False, help_text="Whether the duration is approximate: `près d'une heure quarante`."
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("held", "held"), ("planned", "planned"), ("cancelled", "cancelled")],
                        help_text="Whether it took place.",
                        max_length=32,
                    ),
                ),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="Through what it was written.", max_length=64),
                ),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "after",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The event that it follows, where a source says so.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.event",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The agreement.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.agreement",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reciprocates",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The visit that it returns.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.event",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical event",
                "verbose_name_plural": "historical events",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalEvent_participants",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("m2m_history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_tablespace="",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.event",
                    ),
                ),
                (
                    "history",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="accords.historicalevent",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_tablespace="",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.party",
                    ),
                ),
            ],
            options={
                "verbose_name": "HistoricalEvent_participants",
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalParticipation",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was last changed: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("party", "party"),
                            ("representative", "representative"),
                            ("beneficiary", "beneficiary"),
                            ("mediator", "mediator"),
                            ("mentioned", "mentioned"),
                        ],
                        help_text="What the party is to the agreement.",
                        max_length=32,
                    ),
                ),
                (
                    "since",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="From when. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "since_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `since` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "since_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `since` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "until",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Until when. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "until_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `until` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "until_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `until` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="Through what it was written.", max_length=64),
                ),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The agreement.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.agreement",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Who.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.party",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical participation",
                "verbose_name_plural": "historical participations",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalParty",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was last changed: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "slug",
                    accords.db.fields.Slug(db_index=True, help_text="Short, stable name in URLs.", max_length=100),
                ),
                (
                    "name",
                    accords.db.fields.Line(help_text="The name in English, as commonly used.", max_length=200),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("state", "state"),
                            ("international_organization", "international organization"),
                            ("organization", "organization"),
                            ("person", "person"),
                            ("group", "group"),
                        ],
                        help_text="What sort of actor it is.",
                        max_length=32,
                    ),
                ),
                (
                    "country",
                    accords.db.fields.Country(
                        blank=True,
                        default="",
                        help_text="ISO 3166-1 alpha-2 code; blank = none, or not stated.",
                        max_length=2,
                    ),
                ),
                (
                    "aliases",
                    accords.db.fields.StringList(
                        blank=True,
                        default=list,
                        encoder=accords.db.fields.PlainJson,
                        help_text="Other names that sources use for it: `Washington`, `Etats-Unis`.",
                    ),
                ),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="Through what it was written.", max_length=64),
                ),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "represents",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="For whom it speaks: Trump for the United States.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.party",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical party",
                "verbose_name_plural": "historical parties",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRenewal",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was last changed: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "sequence",
                    models.PositiveIntegerField(
                        help_text="Which one of its kind, from 1.",
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("expiry", "expiry"),
                            ("renewal", "renewal"),
                            ("renegotiation", "renegotiation"),
                            ("notice_deadline", "notice deadline"),
                            ("review", "review"),
                        ],
                        help_text="What falls due.",
                        max_length=32,
                    ),
                ),
                (
                    "due",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="When it falls due. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "due_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `due` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "due_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `due` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "offset",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long after the effective date it falls due: `P1Y`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[("stated", "stated"), ("computed", "computed"), ("editorial", "editorial")],
                        help_text="What the date rests on.",
                        max_length=32,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("projected", "projected"),
                            ("scheduled", "scheduled"),
                            ("concluded", "concluded"),
                            ("missed", "missed"),
                        ],
                        default="projected",
                        help_text="What became of it.",
                        max_length=32,
                    ),
                ),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="Through what it was written.", max_length=64),
                ),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The agreement.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.agreement",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outcome",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The agreement that came of it, where it is another one.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical renewal",
                "verbose_name_plural": "historical renewals",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalSource",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was last changed: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "slug",
                    accords.db.fields.Slug(db_index=True, help_text="Short, stable name in URLs.", max_length=100),
                ),
                (
                    "title",
                    accords.db.fields.Line(
                        help_text="The text's own title, or the editors' description of it.", max_length=300
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("article", "article"),
                            ("treaty_text", "treaty text"),
                            ("official_record", "official record"),
                            ("editorial_note", "editorial note"),
                        ],
                        help_text="What sort of text it is.",
                        max_length=32,
                    ),
                ),
                (
                    "language",
                    accords.db.fields.Language(help_text="The language of the text (BCP 47): `fr`.", max_length=35),
                ),
                (
                    "text",
                    accords.db.fields.Text(
                        help_text="The whole text, exactly as received. Citations count its Unicode code points."
                    ),
                ),
                (
                    "sha256",
                    models.CharField(
                        editable=False,
                        help_text="sha256 of the text in UTF-8, hexadecimal, so that anyone can check what was read.",
                        max_length=64,
                    ),
                ),
                (
                    "published",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="When the text was published. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "published_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `published` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "published_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `published` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "publisher",
                    accords.db.fields.Line(
                        blank=True, default="", help_text="Who published it; blank = not known.", max_length=200
                    ),
                ),
                (
                    "url",
                    models.URLField(
                        blank=True, default="", help_text="Where it was published; blank = not known.", max_length=500
                    ),
                ),
                (
                    "licence",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="On what terms the text may be used; blank = not known.",
                        max_length=200,
                    ),
                ),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="Through what it was written.", max_length=64),
                ),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical source",
                "verbose_name_plural": "historical sources",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalStatement",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was last changed: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "number",
                    accords.db.fields.Line(
                        help_text="The editors' own number, unique within the agreement: `S1`.", max_length=50
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("announcement", "announcement"),
                            ("assertion", "assertion"),
                            ("denial", "denial"),
                            ("characterization", "characterization"),
                            ("analysis", "analysis"),
                            ("outlook", "outlook"),
                        ],
                        help_text="What sort of statement.",
                        max_length=32,
                    ),
                ),
                (
                    "speaker_label",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="How the source names the speaker: `le président américain`.",
                        max_length=200,
                    ),
                ),
                (
                    "polarity",
                    models.CharField(
                        choices=[("positive", "positive"), ("negative", "negative"), ("unknown", "unknown")],
                        help_text="Whether the speaker holds the proposition to be so.",
                        max_length=32,
                    ),
                ),
                (
                    "certainty",
                    models.CharField(
                        choices=[
                            ("certain", "certain"),
                            ("probable", "probable"),
                            ("possible", "possible"),
                            ("unspecified", "unspecified"),
                        ],
                        default="unspecified",
                        help_text="How sure the speaker is.",
                        max_length=32,
                    ),
                ),
                (
                    "proposition",
                    accords.db.fields.Line(
                        help_text="What is said to be so, phrased positively, in English; the polarity says yes or no to it.",
                        max_length=1000,
                    ),
                ),
                (
                    "topics",
                    accords.db.fields.StringList(
                        blank=True,
                        default=list,
                        encoder=accords.db.fields.PlainJson,
                        help_text="What it is about, a few words in English.",
                    ),
                ),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="Through what it was written.", max_length=64),
                ),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The agreement.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.agreement",
                    ),
                ),
                (
                    "clause",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The clause that it speaks of; never for a denial.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.clause",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The event that it speaks of.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.event",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "speaker",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Who says it; null where the source itself speaks.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.party",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical statement",
                "verbose_name_plural": "historical statements",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalStatement_mentions",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("m2m_history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "history",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="accords.historicalstatement",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_tablespace="",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.party",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_tablespace="",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.statement",
                    ),
                ),
            ],
            options={
                "verbose_name": "HistoricalStatement_mentions",
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalAgreement",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was last changed: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "announced",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="When it was announced. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "announced_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `announced` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "announced_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `announced` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "signed",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="When it was signed. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "signed_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `signed` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "signed_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `signed` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "effective",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="From when it applies. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "effective_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `effective` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "effective_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `effective` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "ends",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Its last day, where a source states one; an end that follows from the term is a renewal date instead. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "ends_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `ends` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "ends_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `ends` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "term",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long its first term lasts: `P1Y`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                    ),
                ),
                (
                    "renewal_mode",
                    models.CharField(
                        choices=[
                            ("none", "none"),
                            ("automatic", "automatic"),
                            ("optional", "optional"),
                            ("negotiated", "negotiated"),
                            ("evergreen", "evergreen"),
                            ("unspecified", "unspecified"),
                        ],
                        default="unspecified",
                        help_text="What happens when a term ends. Renegotiation is not renewal.",
                        max_length=32,
                    ),
                ),
                (
                    "renewal_interval",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long each further term lasts: `P1Y`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                    ),
                ),
                (
                    "notice_period",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long before the end of a term notice must be given: `P6M`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                    ),
                ),
                (
                    "max_renewals",
                    models.PositiveIntegerField(
                        blank=True, help_text="How many times at most it can be renewed; null = not stated.", null=True
                    ),
                ),
                (
                    "renewals_concluded",
                    models.PositiveIntegerField(
                        default=0,
                        editable=False,
                        help_text="How many renewals and renegotiations are recorded as concluded; kept by `actions`.",
                    ),
                ),
                ("starts_low", models.DateField(default=datetime.date(9999, 12, 31), editable=False)),
                ("starts_high", models.DateField(default=datetime.date(9999, 12, 31), editable=False)),
                ("period_ends_low", models.DateField(default=datetime.date(9999, 12, 31), editable=False)),
                ("period_ends_high", models.DateField(default=datetime.date(9999, 12, 31), editable=False)),
                ("last_ends_low", models.DateField(default=datetime.date(9999, 12, 31), editable=False)),
                ("last_ends_high", models.DateField(default=datetime.date(9999, 12, 31), editable=False)),
                ("stated_end_low", models.DateField(default=datetime.date(9999, 12, 31), editable=False)),
                ("stated_end_high", models.DateField(default=datetime.date(9999, 12, 31), editable=False)),
                (
                    "slug",
                    accords.db.fields.Slug(
                        db_index=True, help_text="Short, stable name in URLs; found in any case.", max_length=100
                    ),
                ),
                (
                    "title",
                    accords.db.fields.Line(
                        help_text="The title: the editors' own unless the source gives one.", max_length=300
                    ),
                ),
                (
                    "subject",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="What it is about, in the source's own words: `métaux rares`.",
                        max_length=300,
                    ),
                ),
                (
                    "instrument",
                    models.CharField(
                        choices=[
                            ("announced_deal", "announced deal"),
                            ("treaty", "treaty"),
                            ("exchange_of_notes", "exchange of notes"),
                            ("memorandum", "memorandum"),
                            ("contract", "contract"),
                            ("other", "other"),
                        ],
                        help_text="The form in which it was made.",
                        max_length=32,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("announced", "announced"),
                            ("signed", "signed"),
                            ("in_force", "in force"),
                            ("suspended", "suspended"),
                            ("terminated", "terminated"),
                            ("unknown", "unknown"),
                        ],
                        default="unknown",
                        help_text="Where it stands, as an editor reads the sources.",
                        max_length=32,
                    ),
                ),
                (
                    "is_published",
                    models.BooleanField(
                        default=False,
                        help_text="Whether anyone may read it. An unpublished agreement and all that hangs on it is invisible.",
                    ),
                ),
                (
                    "clauses_complete",
                    models.BooleanField(
                        default=False,
                        help_text="Whether these are all its clauses; false where a source says `among these results`.",
                    ),
                ),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="Through what it was written.", max_length=64),
                ),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The earlier agreement that it replaces.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical agreement",
                "verbose_name_plural": "historical agreements",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="agreement_log")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCitation",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was last changed: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "field",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The field that it supports; blank = the whole row.",
                        max_length=50,
                    ),
                ),
                ("exact", accords.db.fields.Text(help_text="The quoted words, to the letter (TextQuoteSelector).")),
                (
                    "prefix",
                    accords.db.fields.Text(
                        blank=True, default="", help_text="What stands before them (TextQuoteSelector)."
                    ),
                ),
                (
                    "suffix",
                    accords.db.fields.Text(
                        blank=True, default="", help_text="What stands after them (TextQuoteSelector)."
                    ),
                ),
                (
                    "start",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Where they start in the source: Unicode code points from 0 (TextPositionSelector). Found from the quote if left blank.",
                    ),
                ),
                (
                    "end",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Where they end, exclusive (TextPositionSelector). Found from the quote if left blank.",
                    ),
                ),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="Through what it was written.", max_length=64),
                ),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The agreement, where the claim is its own.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.agreement",
                    ),
                ),
                (
                    "clause",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The clause that it supports.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.clause",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The event that it supports.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.event",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "renewal",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The renewal date that it supports.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.renewal",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The source that is quoted.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.source",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The statement that it supports.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.statement",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical citation",
                "verbose_name_plural": "historical citations",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="citation_log")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalClause",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was last changed: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "number",
                    accords.db.fields.Line(
                        help_text="The number in the text, or the editors' own where it has none.", max_length=50
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(
                        help_text="Its place in the agreement's order, from 1.",
                        validators=[django.core.validators.MaxValueValidator(2147483647)],
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("cooperation", "cooperation"),
                            ("tariff", "tariff"),
                            ("purchase", "purchase"),
                            ("export_control", "export control"),
                            ("market_access", "market access"),
                            ("law_enforcement", "law enforcement"),
                            ("duration_renewal", "duration and renewal"),
                            ("review", "review"),
                            ("visit", "visit"),
                            ("termination", "termination"),
                            ("dispute_settlement", "dispute settlement"),
                            ("definition", "definition"),
                            ("other", "other"),
                        ],
                        help_text="The subject of the clause.",
                        max_length=32,
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("term", "term"),
                            ("outcome", "outcome"),
                            ("reported_commitment", "reported commitment"),
                            ("text", "text"),
                        ],
                        help_text="On what footing the source states it.",
                        max_length=32,
                    ),
                ),
                (
                    "modality",
                    models.CharField(
                        choices=[
                            ("obligation", "obligation"),
                            ("permission", "permission"),
                            ("prohibition", "prohibition"),
                            ("declaration", "declaration"),
                        ],
                        help_text="Whether it obliges, permits, forbids or declares.",
                        max_length=32,
                    ),
                ),
                ("title", accords.db.fields.Line(help_text="A short heading, in English.", max_length=300)),
                (
                    "text",
                    accords.db.fields.Text(
                        blank=True,
                        default="",
                        help_text="What the source says, in its own words; blank = only paraphrased by the title.",
                    ),
                ),
                (
                    "language",
                    accords.db.fields.Language(
                        blank=True, default="", help_text="The language of the text (BCP 47).", max_length=35
                    ),
                ),
                (
                    "commodity",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The goods concerned, in the source's own words: `soja`.",
                        max_length=200,
                    ),
                ),
                (
                    "hs_codes",
                    accords.db.fields.StringList(
                        blank=True,
                        default=list,
                        encoder=accords.db.fields.PlainJson,
                        help_text="Headings of the Harmonized System 2022 (2, 4 or 6 digits): the editors' mapping of the commodity, not the source's.",
                        item_pattern="\\d{2}(?:\\d{2}){0,2}",
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("all", "all"), ("partial", "partial"), ("unspecified", "unspecified")],
                        default="unspecified",
                        help_text="How much of its subject it covers.",
                        max_length=32,
                    ),
                ),
                (
                    "scope_note",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="What the scope is, in the source's own words.",
                        max_length=300,
                    ),
                ),
                (
                    "baseline_value",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        help_text="The quantity before; null = not stated.",
                        max_digits=15,
                        null=True,
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        help_text="The quantity agreed; null = not stated.",
                        max_digits=15,
                        null=True,
                    ),
                ),
                (
                    "unit",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The unit of both quantities: UCUM (`%`, `t`) or UN/ECE Recommendation 20.",
                        max_length=32,
                    ),
                ),
                (
                    "effective",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="From when it applies, where that differs from the agreement. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "effective_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `effective` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "effective_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `effective` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "ends",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Its last day, where that differs from the agreement. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "ends_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `ends` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "ends_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `ends` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                    ),
                ),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="Through what it was written.", max_length=64),
                ),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The agreement.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.agreement",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The chapter or article that contains it.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.clause",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical clause",
                "verbose_name_plural": "historical clauses",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="clause_log")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalClauseParty",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the row was last changed: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("obligor", "obligor"), ("obligee", "obligee"), ("affected", "affected")],
                        help_text="What the party is to the clause.",
                        max_length=32,
                    ),
                ),
                (
                    "explicit",
                    models.BooleanField(
                        help_text="Whether the text names the party in that role (true), or an editor supplied it (false)."
                    ),
                ),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="Through what it was written.", max_length=64),
                ),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "clause",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The clause.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.clause",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Who.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.party",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical clause party",
                "verbose_name_plural": "historical clause parties",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="clauseparty_log")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddIndex(
            model_name="historicalevent",
            index=models.Index(fields=["id", "history_id"], name="event_log"),
        ),
        migrations.AddIndex(
            model_name="historicalparticipation",
            index=models.Index(fields=["id", "history_id"], name="participation_log"),
        ),
        migrations.AddIndex(
            model_name="historicalparty",
            index=models.Index(fields=["id", "history_id"], name="party_log"),
        ),
        migrations.AddIndex(
            model_name="historicalrenewal",
            index=models.Index(fields=["id", "history_id"], name="renewal_log"),
        ),
        migrations.AddIndex(
            model_name="historicalsource",
            index=models.Index(fields=["id", "history_id"], name="source_log"),
        ),
        migrations.AddIndex(
            model_name="historicalstatement",
            index=models.Index(fields=["id", "history_id"], name="statement_log"),
        ),
        migrations.RunPython(first_records, migrations.RunPython.noop),
    ]
