import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import accords.db.constraints
import accords.db.date_bands
import accords.db.fields
import accords.db.search_index
import accords.models.agreements
import accords.models.citations
import accords.models.clauses
import accords.models.tokens
import accords.models.webhooks


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="UsedSlug",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "resource",
                    models.CharField(
                        choices=[
                            ("sources", "sources"),
                            ("parties", "parties"),
                            ("agreements", "agreements"),
                            ("clauses", "clauses"),
                            ("events", "events"),
                            ("statements", "statements"),
                            ("renewals", "renewals"),
                            ("citations", "citations"),
                        ],
                        help_text="The resource to which the row belongs.",
                        max_length=32,
                        verbose_name="resource",
                    ),
                ),
                ("slug", models.CharField(help_text="The slug.", max_length=100)),
                ("row_id", models.BigIntegerField(help_text="The id of the row, which may be deleted by now.")),
                ("was_public", models.BooleanField(help_text="Whether the row was public while it had the slug.")),
            ],
            options={
                "verbose_name": "used slug",
                "default_permissions": (),
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            (
                                "resource__in",
                                [
                                    "sources",
                                    "parties",
                                    "agreements",
                                    "clauses",
                                    "events",
                                    "statements",
                                    "renewals",
                                    "citations",
                                ],
                            )
                        ),
                        database_only=True,
                        field="resource",
                        name="usedslug_resource_known",
                    ),
                    models.UniqueConstraint(fields=("resource", "slug"), name="usedslug_once"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_index=True,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        db_default=1,
                        default=1,
                        editable=False,
                        help_text="Number of changes of the row and of its nested entries, from 1; maintained by the database.",
                        serialize=False,
                        verbose_name="version",
                    ),
                ),
                (
                    "slug",
                    accords.db.fields.Slug(
                        help_text="Short, stable name in URLs.", max_length=100, unique=True, verbose_name="slug"
                    ),
                ),
                (
                    "name",
                    accords.db.fields.Line(
                        help_text="The name in English, as commonly used.", max_length=200, verbose_name="name"
                    ),
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
                        verbose_name="kind",
                    ),
                ),
                (
                    "country",
                    accords.db.fields.Country(
                        blank=True,
                        default="",
                        help_text="ISO 3166-1 alpha-2 code; blank = none, or not stated.",
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                (
                    "represents",
                    models.ForeignKey(
                        blank=True,
                        help_text="For whom it speaks: Trump for the United States.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="represented_by",
                        to="accords.party",
                        verbose_name="represents",
                    ),
                ),
                (
                    "aliases",
                    accords.db.fields.StringList(
                        blank=True,
                        default=list,
                        encoder=accords.db.fields.PlainJson,
                        help_text="Other names that sources use for it: `Washington`, `Etats-Unis`.",
                        verbose_name="aliases",
                    ),
                ),
                (
                    "search",
                    accords.db.search_index.SearchEntry(
                        body=("aliases",), folded=("name", "aliases"), head=("name",), language=""
                    ),
                ),
            ],
            options={
                "verbose_name": "party",
                "verbose_name_plural": "parties",
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("kind__in", ["state", "international_organization", "organization", "person", "group"])
                        ),
                        database_only=True,
                        field="kind",
                        name="party_kind_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("country", ""),
                            django.db.models.lookups.Exact(
                                django.db.models.functions.text.Length(models.F("country")), 2
                            ),
                            _connector="OR",
                        ),
                        database_only=True,
                        field="country",
                        name="party_country_alpha2",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("represents__isnull", True),
                            models.Q(("represents", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        database_only=False,
                        field="represents",
                        name="party_represents_other",
                        violation_error_code="itself",
                        violation_error_message="It cannot point at itself.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("slug", ""), _negated=True),
                        database_only=True,
                        field="slug",
                        name="party_slug_not_blank",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("name", ""), _negated=True),
                        database_only=True,
                        field="name",
                        name="party_name_not_blank",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "state"), models.Q(("country", ""), _negated=True)),
                        fields=("country",),
                        name="party_one_state_a_country",
                        violation_error_message="There is a state with this country code already.",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="PublicChange",
            fields=[
                (
                    "position",
                    models.BigIntegerField(
                        help_text="The place in the order of commits, from 1.", primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(help_text="When the change was committed.")),
                (
                    "change",
                    models.CharField(
                        choices=[
                            ("appeared", "appeared"),
                            ("changed", "changed"),
                            ("disappeared", "disappeared"),
                            ("due", "due"),
                        ],
                        help_text="What became of the row.",
                        max_length=32,
                        verbose_name="change",
                    ),
                ),
                (
                    "resource",
                    models.CharField(
                        choices=[
                            ("sources", "sources"),
                            ("parties", "parties"),
                            ("agreements", "agreements"),
                            ("clauses", "clauses"),
                            ("events", "events"),
                            ("statements", "statements"),
                            ("renewals", "renewals"),
                            ("citations", "citations"),
                        ],
                        help_text="The resource to which the row belongs.",
                        max_length=32,
                        verbose_name="resource",
                    ),
                ),
                ("row_id", models.BigIntegerField(help_text="The id of the row.")),
                (
                    "slug",
                    models.CharField(help_text="The slug of the row then; empty if its kind has none.", max_length=100),
                ),
                (
                    "agreement_id",
                    models.BigIntegerField(help_text="The id of the agreement to which the row belongs.", null=True),
                ),
                ("agreement_slug", models.CharField(help_text="The slug of that agreement then.", max_length=100)),
            ],
            options={
                "verbose_name": "public change",
                "abstract": False,
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["resource", "position"], name="publicchange_resource"),
                    models.Index(fields=["agreement_id", "position"], name="publicchange_agreement"),
                ],
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("change__in", ["appeared", "changed", "disappeared", "due"])),
                        database_only=True,
                        field="change",
                        name="publicchange_change_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            (
                                "resource__in",
                                [
                                    "sources",
                                    "parties",
                                    "agreements",
                                    "clauses",
                                    "events",
                                    "statements",
                                    "renewals",
                                    "citations",
                                ],
                            )
                        ),
                        database_only=True,
                        field="resource",
                        name="publicchange_resource_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EditorialChange",
            fields=[
                (
                    "position",
                    models.BigIntegerField(
                        help_text="The place in the order of commits, from 1.", primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(help_text="When the change was committed.")),
                (
                    "change",
                    models.CharField(
                        choices=[
                            ("appeared", "appeared"),
                            ("changed", "changed"),
                            ("disappeared", "disappeared"),
                            ("due", "due"),
                        ],
                        help_text="What became of the row.",
                        max_length=32,
                        verbose_name="change",
                    ),
                ),
                (
                    "resource",
                    models.CharField(
                        choices=[
                            ("sources", "sources"),
                            ("parties", "parties"),
                            ("agreements", "agreements"),
                            ("clauses", "clauses"),
                            ("events", "events"),
                            ("statements", "statements"),
                            ("renewals", "renewals"),
                            ("citations", "citations"),
                        ],
                        help_text="The resource to which the row belongs.",
                        max_length=32,
                        verbose_name="resource",
                    ),
                ),
                ("row_id", models.BigIntegerField(help_text="The id of the row.")),
                (
                    "slug",
                    models.CharField(help_text="The slug of the row then; empty if its kind has none.", max_length=100),
                ),
                (
                    "agreement_id",
                    models.BigIntegerField(help_text="The id of the agreement to which the row belongs.", null=True),
                ),
                ("agreement_slug", models.CharField(help_text="The slug of that agreement then.", max_length=100)),
            ],
            options={
                "verbose_name": "editorial change",
                "abstract": False,
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["resource", "position"], name="editorialchange_resource"),
                    models.Index(fields=["agreement_id", "position"], name="editorialchange_agreement"),
                ],
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("change__in", ["appeared", "changed", "disappeared", "due"])),
                        database_only=True,
                        field="change",
                        name="editorialchange_change_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            (
                                "resource__in",
                                [
                                    "sources",
                                    "parties",
                                    "agreements",
                                    "clauses",
                                    "events",
                                    "statements",
                                    "renewals",
                                    "citations",
                                ],
                            )
                        ),
                        database_only=True,
                        field="resource",
                        name="editorialchange_resource_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalSource",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="How the row was written.", max_length=64),
                ),
                (
                    "author",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Username of the account, which may be deleted by now.",
                        max_length=150,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "slug",
                    accords.db.fields.Slug(
                        db_index=True, help_text="Short, stable name in URLs.", max_length=100, verbose_name="slug"
                    ),
                ),
                (
                    "title",
                    accords.db.fields.Line(
                        help_text="The text's own title, or the editors' description of it.",
                        max_length=300,
                        verbose_name="title",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("article", "article"),
                            ("treaty_text", "treaty text"),
                            ("contract_text", "contract text"),
                            ("press_release", "press release"),
                            ("register", "register"),
                            ("official_record", "official record"),
                            ("editorial_note", "editorial note"),
                        ],
                        help_text="What sort of text it is.",
                        max_length=32,
                        verbose_name="kind",
                    ),
                ),
                (
                    "language",
                    accords.db.fields.Language(
                        help_text="The language of the text (BCP 47): `fr`.", max_length=35, verbose_name="language"
                    ),
                ),
                (
                    "text",
                    accords.db.fields.Text(
                        help_text="The whole text, exactly as received. Citations count its Unicode code points.",
                        verbose_name="text",
                    ),
                ),
                (
                    "sha256",
                    models.CharField(
                        editable=False,
                        help_text="sha256 of the text in UTF-8, hexadecimal, so that anyone can check what was read.",
                        max_length=64,
                        verbose_name="SHA-256",
                    ),
                ),
                (
                    "published",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="When the text was published. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="published",
                    ),
                ),
                (
                    "published_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `published` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="published earliest",
                    ),
                ),
                (
                    "published_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `published` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="published latest",
                    ),
                ),
                (
                    "publisher",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="Who published it; blank = not known.",
                        max_length=200,
                        verbose_name="publisher",
                    ),
                ),
                (
                    "url",
                    models.URLField(
                        blank=True,
                        default="",
                        help_text="Where it was published; blank = not known.",
                        max_length=500,
                        verbose_name="URL",
                    ),
                ),
                (
                    "licence",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="On what terms the text may be used; blank = not known.",
                        max_length=200,
                        verbose_name="licence",
                    ),
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
                "indexes": [models.Index(fields=["id", "history_id"], name="source_log")],
                "constraints": [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_index=True,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        db_default=1,
                        default=1,
                        editable=False,
                        help_text="Number of changes of the row and of its nested entries, from 1; maintained by the database.",
                        serialize=False,
                        verbose_name="version",
                    ),
                ),
                (
                    "slug",
                    accords.db.fields.Slug(
                        help_text="Short, stable name in URLs.", max_length=100, unique=True, verbose_name="slug"
                    ),
                ),
                (
                    "title",
                    accords.db.fields.Line(
                        help_text="The text's own title, or the editors' description of it.",
                        max_length=300,
                        verbose_name="title",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("article", "article"),
                            ("treaty_text", "treaty text"),
                            ("contract_text", "contract text"),
                            ("press_release", "press release"),
                            ("register", "register"),
                            ("official_record", "official record"),
                            ("editorial_note", "editorial note"),
                        ],
                        help_text="What sort of text it is.",
                        max_length=32,
                        verbose_name="kind",
                    ),
                ),
                (
                    "language",
                    accords.db.fields.Language(
                        help_text="The language of the text (BCP 47): `fr`.", max_length=35, verbose_name="language"
                    ),
                ),
                (
                    "text",
                    accords.db.fields.Text(
                        help_text="The whole text, exactly as received. Citations count its Unicode code points.",
                        verbose_name="text",
                    ),
                ),
                (
                    "sha256",
                    accords.db.fields.Sha256(
                        help_text="sha256 of the text in UTF-8, hexadecimal, so that anyone can check what was read.",
                        of="text",
                        verbose_name="SHA-256",
                    ),
                ),
                (
                    "published",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="When the text was published. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="published",
                    ),
                ),
                (
                    "published_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `published` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="published",
                        side="earliest",
                        verbose_name="published earliest",
                    ),
                ),
                (
                    "published_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `published` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="published",
                        side="latest",
                        verbose_name="published latest",
                    ),
                ),
                (
                    "publisher",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="Who published it; blank = not known.",
                        max_length=200,
                        verbose_name="publisher",
                    ),
                ),
                (
                    "url",
                    models.URLField(
                        blank=True,
                        default="",
                        help_text="Where it was published; blank = not known.",
                        max_length=500,
                        verbose_name="URL",
                    ),
                ),
                (
                    "licence",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="On what terms the text may be used; blank = not known.",
                        max_length=200,
                        verbose_name="licence",
                    ),
                ),
                (
                    "search",
                    accords.db.search_index.SearchEntry(
                        body=("text",), folded=("title", "publisher", "licence"), head=("title",), language="language"
                    ),
                ),
            ],
            options={
                "verbose_name": "source",
                "verbose_name_plural": "sources",
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "article",
                                    "treaty_text",
                                    "contract_text",
                                    "press_release",
                                    "register",
                                    "official_record",
                                    "editorial_note",
                                ],
                            )
                        ),
                        database_only=True,
                        field="kind",
                        name="source_kind_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("published"))),
                        database_only=True,
                        field="published",
                        name="source_published_edtf",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("published"), models.F("published_earliest"), models.F("published_latest")
                            )
                        ),
                        database_only=True,
                        field="published",
                        name="source_published_bounds",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("slug", ""), _negated=True),
                        database_only=True,
                        field="slug",
                        name="source_slug_not_blank",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("title", ""), _negated=True),
                        database_only=True,
                        field="title",
                        name="source_title_not_blank",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("language", ""), _negated=True),
                        database_only=True,
                        field="language",
                        name="source_language_not_blank",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("text", ""), _negated=True),
                        database_only=True,
                        field="text",
                        name="source_text_not_blank",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "caller",
                    models.ForeignKey(
                        help_text="The user who sent it; other users may send the same key.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("key", models.CharField(help_text="The key.", max_length=255)),
                (
                    "fingerprint",
                    models.CharField(help_text="SHA-256 of the address and the body of the request.", max_length=64),
                ),
                ("status", models.PositiveSmallIntegerField(help_text="The HTTP status of the response.")),
                (
                    "headers",
                    models.JSONField(default=dict, help_text="The headers of the response that describe the new row."),
                ),
                ("body", models.BinaryField(help_text="The body of the response, uncompressed.")),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, db_index=True, help_text="When it was first used."),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("caller", "key"), name="idempotencykey_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    accords.db.fields.Line(
                        help_text="What it is for and where it lies: `price feed, production`.",
                        max_length=100,
                        verbose_name="name",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        help_text="On whose behalf it calls: it may do what this account may, as far as its scope goes.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("read", "read"), ("write", "read and write")],
                        default="read",
                        help_text="What the token may do: read only, or write too.",
                        max_length=32,
                        verbose_name="scope",
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        editable=False,
                        help_text="sha256 of the token, hexadecimal. The token is not kept.",
                        max_length=64,
                        unique=True,
                        verbose_name="digest",
                    ),
                ),
                (
                    "beginning",
                    models.CharField(
                        editable=False,
                        help_text="How the token begins, to know one that is found somewhere.",
                        max_length=14,
                        verbose_name="beginning",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        help_text="When it was made.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(
                        default=accords.models.tokens.default_expiry,
                        help_text="From when on it is refused (UTC).",
                        verbose_name="expires at",
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When it was last used, to the minute; blank = never.",
                        null=True,
                        verbose_name="last used at",
                    ),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When it was revoked; blank = it was not.",
                        null=True,
                        verbose_name="revoked at",
                    ),
                ),
            ],
            options={
                "verbose_name": "token",
                "verbose_name_plural": "tokens",
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("scope__in", ["read", "write"])),
                        database_only=True,
                        field="scope",
                        name="token_scope_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("name", ""), _negated=True),
                        database_only=True,
                        field="name",
                        name="token_name_not_blank",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        database_only=False,
                        field="expires_at",
                        name="token_expires_later",
                        violation_error_code="expired",
                        violation_error_message="It would be expired from the first moment.",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="TokenFailure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "address",
                    models.GenericIPAddressField(
                        help_text="The caller's address; of IPv6 the /64 network.", unique=True, verbose_name="address"
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(db_index=True, help_text="When the first of them came.", verbose_name="since"),
                ),
                (
                    "times",
                    models.PositiveIntegerField(default=0, help_text="How many came since then.", verbose_name="times"),
                ),
            ],
            options={
                "verbose_name": "token failure",
                "verbose_name_plural": "token failures",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="HistoricalParty",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="How the row was written.", max_length=64),
                ),
                (
                    "author",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Username of the account, which may be deleted by now.",
                        max_length=150,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "slug",
                    accords.db.fields.Slug(
                        db_index=True, help_text="Short, stable name in URLs.", max_length=100, verbose_name="slug"
                    ),
                ),
                (
                    "name",
                    accords.db.fields.Line(
                        help_text="The name in English, as commonly used.", max_length=200, verbose_name="name"
                    ),
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
                        verbose_name="kind",
                    ),
                ),
                (
                    "country",
                    accords.db.fields.Country(
                        blank=True,
                        default="",
                        help_text="ISO 3166-1 alpha-2 code; blank = none, or not stated.",
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                (
                    "aliases",
                    accords.db.fields.StringList(
                        blank=True,
                        default=list,
                        encoder=accords.db.fields.PlainJson,
                        help_text="Other names that sources use for it: `Washington`, `Etats-Unis`.",
                        verbose_name="aliases",
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
                        verbose_name="represents",
                    ),
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
                "verbose_name": "historical party",
                "verbose_name_plural": "historical parties",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="party_log")],
                "constraints": [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="PartyWords",
            fields=[
                (
                    "row",
                    models.OneToOneField(
                        db_column="rowid",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="indexed",
                        serialize=False,
                        to="accords.party",
                    ),
                ),
            ],
            options={
                "db_table": "accords_party_words",
                "managed": False,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_index=True,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        db_default=1,
                        default=1,
                        editable=False,
                        help_text="Number of changes of the row and of its nested entries, from 1; maintained by the database.",
                        serialize=False,
                        verbose_name="version",
                    ),
                ),
                (
                    "slug",
                    accords.db.fields.Slug(
                        help_text="Short, stable name in URLs; found in any case.",
                        max_length=100,
                        unique=True,
                        verbose_name="slug",
                    ),
                ),
                (
                    "title",
                    accords.db.fields.Line(
                        help_text="The title: the editors' own unless the source gives one.",
                        max_length=300,
                        verbose_name="title",
                    ),
                ),
                (
                    "subject",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="What it is about, in the source's own words: `métaux rares`.",
                        max_length=300,
                        verbose_name="subject",
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
                        verbose_name="instrument",
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
                        verbose_name="status",
                    ),
                ),
                (
                    "status_since",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="From when the status holds. If a source only says that it is so by a day, write `../2026-03-01`. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="status since",
                    ),
                ),
                (
                    "status_since_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `status_since` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="status_since",
                        side="earliest",
                        verbose_name="status since earliest",
                    ),
                ),
                (
                    "status_since_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `status_since` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="status_since",
                        side="latest",
                        verbose_name="status since latest",
                    ),
                ),
                (
                    "is_published",
                    models.BooleanField(
                        db_index=True,
                        default=False,
                        help_text="Whether anyone may read it. An unpublished agreement and its related rows are invisible.",
                        verbose_name="published",
                    ),
                ),
                (
                    "clauses_complete",
                    models.BooleanField(
                        default=False,
                        help_text="Whether these are all its clauses; false where a source says `among these results`.",
                        verbose_name="clauses complete",
                    ),
                ),
                (
                    "announced",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="When it was announced. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="announced",
                    ),
                ),
                (
                    "announced_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `announced` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="announced",
                        side="earliest",
                        verbose_name="announced earliest",
                    ),
                ),
                (
                    "announced_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `announced` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="announced",
                        side="latest",
                        verbose_name="announced latest",
                    ),
                ),
                (
                    "signed",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="When it was signed. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="signed",
                    ),
                ),
                (
                    "signed_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `signed` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="signed",
                        side="earliest",
                        verbose_name="signed earliest",
                    ),
                ),
                (
                    "signed_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `signed` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="signed",
                        side="latest",
                        verbose_name="signed latest",
                    ),
                ),
                (
                    "effective",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="From when it applies; leave it blank until a condition of its entry into force is met. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="effective",
                    ),
                ),
                (
                    "effective_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `effective` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="effective",
                        side="earliest",
                        verbose_name="effective earliest",
                    ),
                ),
                (
                    "effective_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `effective` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="effective",
                        side="latest",
                        verbose_name="effective latest",
                    ),
                ),
                (
                    "ends",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="Its last day, where a source states one; an end that follows from the term is a renewal date instead. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="ends",
                    ),
                ),
                (
                    "ends_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `ends` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="ends",
                        side="earliest",
                        verbose_name="ends earliest",
                    ),
                ),
                (
                    "ends_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `ends` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="ends",
                        side="latest",
                        verbose_name="ends latest",
                    ),
                ),
                (
                    "effective_condition",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The condition on which it enters into force, in the source's own words.",
                        max_length=500,
                        verbose_name="condition of entry into force",
                    ),
                ),
                (
                    "term",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long its first term lasts: `P1Y`. Of an evergreen agreement, the time before its earliest end. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="term",
                    ),
                ),
                (
                    "term_ends",
                    models.CharField(
                        choices=[
                            ("same_day", "same day"),
                            ("day_before", "day before"),
                            ("unspecified", "unspecified"),
                        ],
                        default="unspecified",
                        help_text="The last day of a term: the same calendar day, or the day before. Stated dates decide it where they can.",
                        max_length=32,
                        verbose_name="term ends",
                    ),
                ),
                (
                    "term_from",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The event from which the term runs, where that is not the effective date, in the source's own words. Enter `ends` once the event has taken place.",
                        max_length=500,
                        verbose_name="term from",
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
                        verbose_name="renewal mode",
                    ),
                ),
                (
                    "renewal_intervals",
                    accords.db.fields.DurationList(
                        blank=True,
                        default=list,
                        encoder=accords.db.fields.PlainJson,
                        help_text="How long each further term lasts (ISO 8601): `P2Y`, `P1Y`. The last repeats; `open` at the end is a term without end. Empty = not stated; then a term is as long as the first.",
                        verbose_name="renewal intervals",
                    ),
                ),
                (
                    "renewal_condition",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The condition on which it is renewed, besides notice or agreement, in the source's own words.",
                        max_length=500,
                        verbose_name="condition of renewal",
                    ),
                ),
                (
                    "option_holder",
                    models.ForeignKey(
                        blank=True,
                        help_text="The party that may exercise the option to renew.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="options",
                        to="accords.party",
                        verbose_name="option holder",
                    ),
                ),
                (
                    "notice_period",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long before the end of a term notice must be given, or an option exercised: `P6M`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="notice period",
                    ),
                ),
                (
                    "notice_opens",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long before the end of a term notice can first be given, or an option first exercised: `P12M`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="notice opens",
                    ),
                ),
                (
                    "max_renewals",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="How many times at most it can be renewed; blank = not stated.",
                        null=True,
                        verbose_name="maximum number of renewals",
                    ),
                ),
                (
                    "unlimited",
                    models.BooleanField(
                        default=False,
                        help_text="Whether a source says that it can be renewed any number of times.",
                        verbose_name="unlimited renewals",
                    ),
                ),
                (
                    "renewals_concluded",
                    models.PositiveIntegerField(
                        default=0,
                        editable=False,
                        help_text="Number of renewals and renegotiations recorded as concluded without another agreement.",
                        verbose_name="renewals concluded",
                    ),
                ),
                ("starts_low", accords.models.agreements.ReadingDay()),
                ("starts_high", accords.models.agreements.ReadingDay()),
                ("period_ends_low", accords.models.agreements.ReadingDay()),
                ("period_ends_high", accords.models.agreements.ReadingDay()),
                ("last_ends_low", accords.models.agreements.ReadingDay()),
                ("last_ends_high", accords.models.agreements.ReadingDay()),
                ("status_before_low", accords.models.agreements.ReadingDay()),
                ("status_before_high", accords.models.agreements.ReadingDay()),
                ("superseded_low", accords.models.agreements.DerivedDay()),
                ("superseded_high", accords.models.agreements.DerivedDay()),
                (
                    "rests_on",
                    models.CharField(
                        blank=True,
                        choices=[("stated", "stated"), ("editorial", "editorial")],
                        default="",
                        editable=False,
                        help_text="The weakest evidence among the dates and terms that decide its state on a day; blank if it has none.",
                        max_length=32,
                        verbose_name="rests on",
                    ),
                ),
                (
                    "deadlines_rest_on",
                    models.CharField(
                        blank=True,
                        choices=[("stated", "stated"), ("editorial", "editorial")],
                        default="",
                        editable=False,
                        help_text="The weakest evidence among the dates and terms that decide its deadlines; blank if it has none.",
                        max_length=32,
                        verbose_name="deadlines rest on",
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        help_text="The earlier agreement whose place it takes: that is over once this one takes effect.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="accords.agreement",
                        verbose_name="supersedes",
                    ),
                ),
                (
                    "amends",
                    models.ForeignKey(
                        blank=True,
                        help_text="The agreement that it amends: both continue, and its clauses say what they modify.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amended_by",
                        to="accords.agreement",
                        verbose_name="amends",
                    ),
                ),
                (
                    "working_copy_of",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        help_text="The published agreement that it will be put in the place of; blank = it is none.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="working_copies",
                        to="accords.agreement",
                        verbose_name="working copy of",
                    ),
                ),
                (
                    "search",
                    accords.db.search_index.SearchEntry(
                        body=("subject", "effective_condition", "term_from", "renewal_condition"),
                        folded=("title", "subject", "effective_condition", "term_from", "renewal_condition"),
                        head=("title",),
                        language="",
                    ),
                ),
            ],
            options={
                "verbose_name": "agreement",
                "verbose_name_plural": "agreements",
                "permissions": [("publish_agreement", "Can publish agreement")],
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            (
                                "instrument__in",
                                ["announced_deal", "treaty", "exchange_of_notes", "memorandum", "contract", "other"],
                            )
                        ),
                        database_only=True,
                        field="instrument",
                        name="agreement_instrument_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("status__in", ["announced", "signed", "in_force", "suspended", "terminated", "unknown"])
                        ),
                        database_only=True,
                        field="status",
                        name="agreement_status_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            (
                                "renewal_mode__in",
                                ["none", "automatic", "optional", "negotiated", "evergreen", "unspecified"],
                            )
                        ),
                        database_only=True,
                        field="renewal_mode",
                        name="agreement_renewal_mode_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("term_ends__in", ["same_day", "day_before", "unspecified"])),
                        database_only=True,
                        field="term_ends",
                        name="agreement_term_ends_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("rests_on__in", ["stated", "editorial", ""])),
                        database_only=True,
                        field="rests_on",
                        name="agreement_rests_on_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("deadlines_rest_on__in", ["stated", "editorial", ""])),
                        database_only=True,
                        field="deadlines_rest_on",
                        name="agreement_deadlines_rest_on_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("supersedes__isnull", True),
                            models.Q(("supersedes", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        database_only=False,
                        field="supersedes",
                        name="agreement_supersedes_other",
                        violation_error_code="itself",
                        violation_error_message="It cannot point at itself.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("amends__isnull", True),
                            models.Q(("amends", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        database_only=False,
                        field="amends",
                        name="agreement_amends_other",
                        violation_error_code="itself",
                        violation_error_message="It cannot point at itself.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("announced"))),
                        database_only=True,
                        field="announced",
                        name="agreement_announced_edtf",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("announced"), models.F("announced_earliest"), models.F("announced_latest")
                            )
                        ),
                        database_only=True,
                        field="announced",
                        name="agreement_announced_bounds",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("signed"))),
                        database_only=True,
                        field="signed",
                        name="agreement_signed_edtf",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("signed"), models.F("signed_earliest"), models.F("signed_latest")
                            )
                        ),
                        database_only=True,
                        field="signed",
                        name="agreement_signed_bounds",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("effective"))),
                        database_only=True,
                        field="effective",
                        name="agreement_effective_edtf",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("effective"), models.F("effective_earliest"), models.F("effective_latest")
                            )
                        ),
                        database_only=True,
                        field="effective",
                        name="agreement_effective_bounds",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("ends"))),
                        database_only=True,
                        field="ends",
                        name="agreement_ends_edtf",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("ends"), models.F("ends_earliest"), models.F("ends_latest")
                            )
                        ),
                        database_only=True,
                        field="ends",
                        name="agreement_ends_bounds",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("status_since"))),
                        database_only=True,
                        field="status_since",
                        name="agreement_status_since_edtf",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("status_since"),
                                models.F("status_since_earliest"),
                                models.F("status_since_latest"),
                            )
                        ),
                        database_only=True,
                        field="status_since",
                        name="agreement_status_since_bounds",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("term__contains", "T"), _negated=True),
                        database_only=False,
                        field="term",
                        name="agreement_term_calendar",
                        violation_error_code="not_calendar",
                        violation_error_message="Hours cannot be added to a date: write years, months, weeks or days.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("notice_period__contains", "T"), _negated=True),
                        database_only=False,
                        field="notice_period",
                        name="agreement_notice_period_calendar",
                        violation_error_code="not_calendar",
                        violation_error_message="Hours cannot be added to a date: write years, months, weeks or days.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("notice_opens__contains", "T"), _negated=True),
                        database_only=False,
                        field="notice_opens",
                        name="agreement_notice_opens_calendar",
                        violation_error_code="not_calendar",
                        violation_error_message="Hours cannot be added to a date: write years, months, weeks or days.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("unlimited", False), ("max_renewals__isnull", True), _connector="OR"),
                        database_only=False,
                        field="unlimited",
                        name="agreement_renewals_limited_or_not",
                        violation_error_code="limited",
                        violation_error_message="Renewals cannot be both unlimited and limited to a number.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("is_published", False), ("working_copy_of__isnull", True), _connector="OR"),
                        database_only=False,
                        field="is_published",
                        name="agreement_copy_is_draft",
                        violation_error_code="working_copy",
                        violation_error_message="It is a working copy: publish it as one.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("slug", ""), _negated=True),
                        database_only=True,
                        field="slug",
                        name="agreement_slug_not_blank",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("title", ""), _negated=True),
                        database_only=True,
                        field="title",
                        name="agreement_title_not_blank",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="SourceWords",
            fields=[
                (
                    "row",
                    models.OneToOneField(
                        db_column="rowid",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="indexed",
                        serialize=False,
                        to="accords.source",
                    ),
                ),
            ],
            options={
                "db_table": "accords_source_words",
                "managed": False,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAgreement",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="How the row was written.", max_length=64),
                ),
                (
                    "author",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Username of the account, which may be deleted by now.",
                        max_length=150,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "slug",
                    accords.db.fields.Slug(
                        db_index=True,
                        help_text="Short, stable name in URLs; found in any case.",
                        max_length=100,
                        verbose_name="slug",
                    ),
                ),
                (
                    "title",
                    accords.db.fields.Line(
                        help_text="The title: the editors' own unless the source gives one.",
                        max_length=300,
                        verbose_name="title",
                    ),
                ),
                (
                    "subject",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="What it is about, in the source's own words: `métaux rares`.",
                        max_length=300,
                        verbose_name="subject",
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
                        verbose_name="instrument",
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
                        verbose_name="status",
                    ),
                ),
                (
                    "status_since",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="From when the status holds. If a source only says that it is so by a day, write `../2026-03-01`. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="status since",
                    ),
                ),
                (
                    "status_since_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `status_since` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="status since earliest",
                    ),
                ),
                (
                    "status_since_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `status_since` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="status since latest",
                    ),
                ),
                (
                    "is_published",
                    models.BooleanField(
                        default=False,
                        help_text="Whether anyone may read it. An unpublished agreement and its related rows are invisible.",
                        verbose_name="published",
                    ),
                ),
                (
                    "clauses_complete",
                    models.BooleanField(
                        default=False,
                        help_text="Whether these are all its clauses; false where a source says `among these results`.",
                        verbose_name="clauses complete",
                    ),
                ),
                (
                    "announced",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="When it was announced. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="announced",
                    ),
                ),
                (
                    "announced_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `announced` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="announced earliest",
                    ),
                ),
                (
                    "announced_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `announced` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="announced latest",
                    ),
                ),
                (
                    "signed",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="When it was signed. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="signed",
                    ),
                ),
                (
                    "signed_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `signed` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="signed earliest",
                    ),
                ),
                (
                    "signed_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `signed` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="signed latest",
                    ),
                ),
                (
                    "effective",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="From when it applies; leave it blank until a condition of its entry into force is met. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="effective",
                    ),
                ),
                (
                    "effective_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `effective` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="effective earliest",
                    ),
                ),
                (
                    "effective_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `effective` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="effective latest",
                    ),
                ),
                (
                    "ends",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="Its last day, where a source states one; an end that follows from the term is a renewal date instead. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="ends",
                    ),
                ),
                (
                    "ends_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `ends` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="ends earliest",
                    ),
                ),
                (
                    "ends_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `ends` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="ends latest",
                    ),
                ),
                (
                    "effective_condition",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The condition on which it enters into force, in the source's own words.",
                        max_length=500,
                        verbose_name="condition of entry into force",
                    ),
                ),
                (
                    "term",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long its first term lasts: `P1Y`. Of an evergreen agreement, the time before its earliest end. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="term",
                    ),
                ),
                (
                    "term_ends",
                    models.CharField(
                        choices=[
                            ("same_day", "same day"),
                            ("day_before", "day before"),
                            ("unspecified", "unspecified"),
                        ],
                        default="unspecified",
                        help_text="The last day of a term: the same calendar day, or the day before. Stated dates decide it where they can.",
                        max_length=32,
                        verbose_name="term ends",
                    ),
                ),
                (
                    "term_from",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The event from which the term runs, where that is not the effective date, in the source's own words. Enter `ends` once the event has taken place.",
                        max_length=500,
                        verbose_name="term from",
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
                        verbose_name="renewal mode",
                    ),
                ),
                (
                    "renewal_intervals",
                    accords.db.fields.DurationList(
                        blank=True,
                        default=list,
                        encoder=accords.db.fields.PlainJson,
                        help_text="How long each further term lasts (ISO 8601): `P2Y`, `P1Y`. The last repeats; `open` at the end is a term without end. Empty = not stated; then a term is as long as the first.",
                        verbose_name="renewal intervals",
                    ),
                ),
                (
                    "renewal_condition",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The condition on which it is renewed, besides notice or agreement, in the source's own words.",
                        max_length=500,
                        verbose_name="condition of renewal",
                    ),
                ),
                (
                    "notice_period",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long before the end of a term notice must be given, or an option exercised: `P6M`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="notice period",
                    ),
                ),
                (
                    "notice_opens",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long before the end of a term notice can first be given, or an option first exercised: `P12M`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="notice opens",
                    ),
                ),
                (
                    "max_renewals",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="How many times at most it can be renewed; blank = not stated.",
                        null=True,
                        verbose_name="maximum number of renewals",
                    ),
                ),
                (
                    "unlimited",
                    models.BooleanField(
                        default=False,
                        help_text="Whether a source says that it can be renewed any number of times.",
                        verbose_name="unlimited renewals",
                    ),
                ),
                (
                    "renewals_concluded",
                    models.PositiveIntegerField(
                        default=0,
                        editable=False,
                        help_text="Number of renewals and renegotiations recorded as concluded without another agreement.",
                        verbose_name="renewals concluded",
                    ),
                ),
                ("starts_low", accords.models.agreements.DerivedDay()),
                ("starts_high", accords.models.agreements.DerivedDay()),
                ("period_ends_low", accords.models.agreements.DerivedDay()),
                ("period_ends_high", accords.models.agreements.DerivedDay()),
                ("last_ends_low", accords.models.agreements.DerivedDay()),
                ("last_ends_high", accords.models.agreements.DerivedDay()),
                ("status_before_low", accords.models.agreements.DerivedDay()),
                ("status_before_high", accords.models.agreements.DerivedDay()),
                ("superseded_low", accords.models.agreements.DerivedDay()),
                ("superseded_high", accords.models.agreements.DerivedDay()),
                (
                    "rests_on",
                    models.CharField(
                        blank=True,
                        choices=[("stated", "stated"), ("editorial", "editorial")],
                        default="",
                        editable=False,
                        help_text="The weakest evidence among the dates and terms that decide its state on a day; blank if it has none.",
                        max_length=32,
                        verbose_name="rests on",
                    ),
                ),
                (
                    "deadlines_rest_on",
                    models.CharField(
                        blank=True,
                        choices=[("stated", "stated"), ("editorial", "editorial")],
                        default="",
                        editable=False,
                        help_text="The weakest evidence among the dates and terms that decide its deadlines; blank if it has none.",
                        max_length=32,
                        verbose_name="deadlines rest on",
                    ),
                ),
                (
                    "option_holder",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The party that may exercise the option to renew.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.party",
                        verbose_name="option holder",
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The earlier agreement whose place it takes: that is over once this one takes effect.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.agreement",
                        verbose_name="supersedes",
                    ),
                ),
                (
                    "amends",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The agreement that it amends: both continue, and its clauses say what they modify.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.agreement",
                        verbose_name="amends",
                    ),
                ),
                (
                    "working_copy_of",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        help_text="The published agreement that it will be put in the place of; blank = it is none.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.agreement",
                        verbose_name="working copy of",
                    ),
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
                "verbose_name": "historical agreement",
                "verbose_name_plural": "historical agreements",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="agreement_log")],
                "constraints": [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalParticipation",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="How the row was written.", max_length=64),
                ),
                (
                    "author",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Username of the account, which may be deleted by now.",
                        max_length=150,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("party", "party"),
                            ("signatory", "signatory"),
                            ("representative", "representative"),
                            ("beneficiary", "beneficiary"),
                            ("mediator", "mediator"),
                            ("witness", "witness"),
                            ("guarantor", "guarantor"),
                            ("depositary", "depositary"),
                            ("mentioned", "mentioned"),
                        ],
                        help_text="The role of the party in the agreement.",
                        max_length=32,
                        verbose_name="role",
                    ),
                ),
                (
                    "label",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The name that the text gives to the party in this role: `Lessor`.",
                        max_length=200,
                        verbose_name="label",
                    ),
                ),
                (
                    "since",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="From when; blank = from the start, or not stated. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="since",
                    ),
                ),
                (
                    "since_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `since` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="since earliest",
                    ),
                ),
                (
                    "since_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `since` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="since latest",
                    ),
                ),
                (
                    "until",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="The last day; blank = to the end, or not stated. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="until",
                    ),
                ),
                (
                    "until_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `until` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="until earliest",
                    ),
                ),
                (
                    "until_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `until` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="until latest",
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
                        verbose_name="agreement",
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
                        verbose_name="party",
                    ),
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
                "verbose_name": "historical participation",
                "verbose_name_plural": "historical participations",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="participation_log")],
                "constraints": [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Participation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_index=True,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        help_text="The agreement.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participations",
                        to="accords.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        help_text="Who.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participations",
                        to="accords.party",
                        verbose_name="party",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("party", "party"),
                            ("signatory", "signatory"),
                            ("representative", "representative"),
                            ("beneficiary", "beneficiary"),
                            ("mediator", "mediator"),
                            ("witness", "witness"),
                            ("guarantor", "guarantor"),
                            ("depositary", "depositary"),
                            ("mentioned", "mentioned"),
                        ],
                        help_text="The role of the party in the agreement.",
                        max_length=32,
                        verbose_name="role",
                    ),
                ),
                (
                    "label",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The name that the text gives to the party in this role: `Lessor`.",
                        max_length=200,
                        verbose_name="label",
                    ),
                ),
                (
                    "since",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="From when; blank = from the start, or not stated. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="since",
                    ),
                ),
                (
                    "since_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `since` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="since",
                        side="earliest",
                        verbose_name="since earliest",
                    ),
                ),
                (
                    "since_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `since` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="since",
                        side="latest",
                        verbose_name="since latest",
                    ),
                ),
                (
                    "until",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="The last day; blank = to the end, or not stated. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="until",
                    ),
                ),
                (
                    "until_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `until` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="until",
                        side="earliest",
                        verbose_name="until earliest",
                    ),
                ),
                (
                    "until_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `until` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="until",
                        side="latest",
                        verbose_name="until latest",
                    ),
                ),
            ],
            options={
                "verbose_name": "participation",
                "verbose_name_plural": "participations",
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "party",
                                    "signatory",
                                    "representative",
                                    "beneficiary",
                                    "mediator",
                                    "witness",
                                    "guarantor",
                                    "depositary",
                                    "mentioned",
                                ],
                            )
                        ),
                        database_only=True,
                        field="role",
                        name="participation_role_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("since"))),
                        database_only=True,
                        field="since",
                        name="participation_since_edtf",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("since"), models.F("since_earliest"), models.F("since_latest")
                            )
                        ),
                        database_only=True,
                        field="since",
                        name="participation_since_bounds",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("until"))),
                        database_only=True,
                        field="until",
                        name="participation_until_edtf",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("until"), models.F("until_earliest"), models.F("until_latest")
                            )
                        ),
                        database_only=True,
                        field="until",
                        name="participation_until_bounds",
                    ),
                    models.UniqueConstraint(
                        fields=("agreement", "party", "role", "since"),
                        name="participation_once",
                        violation_error_code="unique",
                        violation_error_message="The party has this role from this date already.",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="AgreementWords",
            fields=[
                (
                    "row",
                    models.OneToOneField(
                        db_column="rowid",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="indexed",
                        serialize=False,
                        to="accords.agreement",
                    ),
                ),
            ],
            options={
                "db_table": "accords_agreement_words",
                "managed": False,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Clause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_index=True,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        db_default=1,
                        default=1,
                        editable=False,
                        help_text="Number of changes of the row and of its nested entries, from 1; maintained by the database.",
                        serialize=False,
                        verbose_name="version",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        help_text="The agreement.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clauses",
                        to="accords.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "number",
                    accords.db.fields.RowNumber(
                        help_text="The number in the text, or the editors' own where it has none.",
                        max_length=50,
                        verbose_name="number",
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(
                        help_text="Its place in the agreement's order, from 1.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(2147483647),
                        ],
                        verbose_name="position",
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("cooperation", "cooperation"),
                            ("tariff", "tariff"),
                            ("purchase", "purchase"),
                            ("payment", "payment"),
                            ("export_control", "export control"),
                            ("market_access", "market access"),
                            ("exclusivity", "exclusivity"),
                            ("intellectual_property", "intellectual property"),
                            ("confidentiality", "confidentiality"),
                            ("data_protection", "data protection"),
                            ("warranty", "warranty"),
                            ("liability", "liability"),
                            ("indemnity", "indemnity"),
                            ("insurance", "insurance"),
                            ("audit", "audit"),
                            ("assignment", "assignment"),
                            ("force_majeure", "force majeure"),
                            ("law_enforcement", "law enforcement"),
                            ("institution", "institution"),
                            ("duration_renewal", "duration and renewal"),
                            ("review", "review"),
                            ("visit", "visit"),
                            ("termination", "termination"),
                            ("governing_law", "governing law"),
                            ("dispute_settlement", "dispute settlement"),
                            ("definition", "definition"),
                            ("other", "other"),
                        ],
                        help_text="The subject of the clause.",
                        max_length=32,
                        verbose_name="type",
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
                        help_text="How the source states it, and so whether it is part of the agreement.",
                        max_length=32,
                        verbose_name="standing",
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
                            ("unspecified", "unspecified"),
                        ],
                        help_text="Whether it obliges, permits, forbids or declares.",
                        max_length=32,
                        verbose_name="modality",
                    ),
                ),
                (
                    "title",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="A short heading in English, or blank.",
                        max_length=300,
                        verbose_name="title",
                    ),
                ),
                (
                    "text",
                    accords.db.fields.Text(
                        blank=True,
                        default="",
                        help_text="What the source says, in its own words; blank = only paraphrased by the title.",
                        verbose_name="text",
                    ),
                ),
                (
                    "language",
                    accords.db.fields.Language(
                        blank=True,
                        default="",
                        help_text="The language of the text (BCP 47).",
                        max_length=35,
                        verbose_name="language",
                    ),
                ),
                (
                    "commodity",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The goods concerned, in the source's own words: `soja`.",
                        max_length=200,
                        verbose_name="commodity",
                    ),
                ),
                (
                    "hs_codes",
                    accords.db.fields.StringList(
                        blank=True,
                        default=list,
                        encoder=accords.db.fields.PlainJson,
                        help_text="Headings of the Harmonized System 2022 (2, 4 or 6 digits), or ranges of them (`25-97`): the editors' mapping of the commodity, not the source's.",
                        item_pattern="\\d{2}(?:\\d{2}){0,2}(?:-\\d{2}(?:\\d{2}){0,2})?",
                        verbose_name="HS codes",
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("all", "all"), ("partial", "partial"), ("unspecified", "unspecified")],
                        default="unspecified",
                        help_text="How much of its subject it covers.",
                        max_length=32,
                        verbose_name="scope",
                    ),
                ),
                (
                    "scope_note",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="What the scope is, in the source's own words.",
                        max_length=300,
                        verbose_name="scope note",
                    ),
                ),
                (
                    "baseline_value",
                    accords.db.fields.Quantity(
                        blank=True,
                        decimal_places=15,
                        help_text="The quantity before; blank = not stated.",
                        max_digits=30,
                        null=True,
                        verbose_name="baseline value",
                    ),
                ),
                (
                    "value",
                    accords.db.fields.Quantity(
                        blank=True,
                        decimal_places=15,
                        help_text="The quantity agreed, of up to 15 significant digits; blank = not stated.",
                        max_digits=30,
                        null=True,
                        verbose_name="value",
                    ),
                ),
                (
                    "comparator",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("exactly", "exactly"),
                            ("at_least", "at least"),
                            ("at_most", "at most"),
                            ("about", "about"),
                        ],
                        default="",
                        help_text="How the quantity agreed is to be compared with the value; blank = not stated.",
                        max_length=32,
                        verbose_name="comparator",
                    ),
                ),
                (
                    "unit",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The unit of both quantities: UCUM (`%`, `t`), UN/ECE Recommendation 20 or ISO 4217 (`EUR`).",
                        max_length=32,
                        validators=[accords.models.clauses.validate_unit],
                        verbose_name="unit",
                    ),
                ),
                (
                    "per",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="The time to which the quantity agreed applies: `P1Y` for a yearly fee. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="per",
                    ),
                ),
                (
                    "delta",
                    models.GeneratedField(
                        db_persist=True,
                        expression=accords.models.clauses.Difference(models.F("value"), models.F("baseline_value")),
                        help_text="`value` minus `baseline_value`, in `delta_unit`; null unless both are stated.",
                        output_field=models.DecimalField(decimal_places=15, max_digits=31),
                        verbose_name="delta",
                    ),
                ),
                (
                    "effective",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="From when it applies, where that differs from the agreement. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="effective",
                    ),
                ),
                (
                    "effective_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `effective` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="effective",
                        side="earliest",
                        verbose_name="effective earliest",
                    ),
                ),
                (
                    "effective_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `effective` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="effective",
                        side="latest",
                        verbose_name="effective latest",
                    ),
                ),
                (
                    "ends",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="Its last day, where that differs from the agreement. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="ends",
                    ),
                ),
                (
                    "ends_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `ends` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="ends",
                        side="earliest",
                        verbose_name="ends earliest",
                    ),
                ),
                (
                    "ends_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `ends` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="ends",
                        side="latest",
                        verbose_name="ends latest",
                    ),
                ),
                (
                    "period",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="A period within the clause, such as one for payment or cure: `P30D`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="period",
                    ),
                ),
                (
                    "trigger",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The event from which the period runs, in the source's own words: `from receipt of the invoice`.",
                        max_length=500,
                        verbose_name="trigger",
                    ),
                ),
                (
                    "survives",
                    models.BooleanField(
                        default=False,
                        help_text="Whether it continues to apply after the end of the agreement.",
                        verbose_name="survives",
                    ),
                ),
                (
                    "modifies",
                    models.ForeignKey(
                        blank=True,
                        help_text="The clause of the amended agreement that it replaces, repeals or is inserted after.",
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="modified_by",
                        to="accords.clause",
                        verbose_name="modifies",
                    ),
                ),
                (
                    "modification",
                    models.CharField(
                        blank=True,
                        choices=[("substitution", "substitution"), ("repeal", "repeal"), ("insertion", "insertion")],
                        default="",
                        help_text="How it changes the clause that it modifies.",
                        max_length=32,
                        verbose_name="modification",
                    ),
                ),
                ("replaced_low", accords.models.agreements.DerivedDay()),
                ("replaced_high", accords.models.agreements.DerivedDay()),
                (
                    "rests_on",
                    models.CharField(
                        blank=True,
                        choices=[("stated", "stated"), ("editorial", "editorial")],
                        default="",
                        editable=False,
                        help_text="The weakest evidence of its own dates; blank if it has none.",
                        max_length=32,
                        verbose_name="rests on",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        help_text="The chapter or article that contains it.",
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="children",
                        to="accords.clause",
                        verbose_name="parent",
                    ),
                ),
                (
                    "search",
                    accords.db.search_index.SearchEntry(
                        body=("text", "commodity", "scope_note", "trigger"),
                        folded=("number", "title", "commodity", "scope_note", "trigger"),
                        head=("number", "title"),
                        language="language",
                    ),
                ),
            ],
            options={
                "verbose_name": "clause",
                "verbose_name_plural": "clauses",
                "indexes": [
                    models.Index(fields=["agreement", "position"], name="clause_order"),
                    models.Index(fields=["position", "id"], name="clause_by_position"),
                    models.Index(fields=["number", "id"], name="clause_by_number"),
                    models.Index(fields=["delta", "id"], name="clause_by_delta"),
                    models.Index(fields=["type", "id"], name="clause_by_type"),
                    models.Index(fields=["type", "updated_at", "id"], name="clause_by_type_changed"),
                    models.Index(fields=["type", "modality", "updated_at", "id"], name="clause_by_type_modality"),
                    models.Index(
                        fields=[
                            "id",
                            "agreement",
                            "standing",
                            "survives",
                            "effective",
                            "effective_earliest",
                            "effective_latest",
                            "ends",
                            "ends_earliest",
                            "ends_latest",
                            "replaced_low",
                            "replaced_high",
                            "rests_on",
                        ],
                        name="clause_in_force",
                    ),
                ],
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            (
                                "type__in",
                                [
                                    "cooperation",
                                    "tariff",
                                    "purchase",
                                    "payment",
                                    "export_control",
                                    "market_access",
                                    "exclusivity",
                                    "intellectual_property",
                                    "confidentiality",
                                    "data_protection",
                                    "warranty",
                                    "liability",
                                    "indemnity",
                                    "insurance",
                                    "audit",
                                    "assignment",
                                    "force_majeure",
                                    "law_enforcement",
                                    "institution",
                                    "duration_renewal",
                                    "review",
                                    "visit",
                                    "termination",
                                    "governing_law",
                                    "dispute_settlement",
                                    "definition",
                                    "other",
                                ],
                            )
                        ),
                        database_only=True,
                        field="type",
                        name="clause_type_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("standing__in", ["term", "outcome", "reported_commitment", "text"])),
                        database_only=True,
                        field="standing",
                        name="clause_standing_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("modality__in", ["obligation", "permission", "prohibition", "declaration", "unspecified"])
                        ),
                        database_only=True,
                        field="modality",
                        name="clause_modality_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("scope__in", ["all", "partial", "unspecified"])),
                        database_only=True,
                        field="scope",
                        name="clause_scope_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("comparator__in", ["exactly", "at_least", "at_most", "about", ""])),
                        database_only=True,
                        field="comparator",
                        name="clause_comparator_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("modification__in", ["substitution", "repeal", "insertion", ""])),
                        database_only=True,
                        field="modification",
                        name="clause_modification_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("rests_on__in", ["stated", "editorial", ""])),
                        database_only=True,
                        field="rests_on",
                        name="clause_rests_on_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        database_only=False,
                        field="parent",
                        name="clause_parent_other",
                        violation_error_code="itself",
                        violation_error_message="It cannot point at itself.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("modifies__isnull", True),
                            models.Q(("modifies", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        database_only=False,
                        field="modifies",
                        name="clause_modifies_other",
                        violation_error_code="itself",
                        violation_error_message="It cannot point at itself.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("effective"))),
                        database_only=True,
                        field="effective",
                        name="clause_effective_edtf",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("effective"), models.F("effective_earliest"), models.F("effective_latest")
                            )
                        ),
                        database_only=True,
                        field="effective",
                        name="clause_effective_bounds",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("ends"))),
                        database_only=True,
                        field="ends",
                        name="clause_ends_edtf",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("ends"), models.F("ends_earliest"), models.F("ends_latest")
                            )
                        ),
                        database_only=True,
                        field="ends",
                        name="clause_ends_bounds",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("number", ""), _negated=True),
                        database_only=True,
                        field="number",
                        name="clause_number_not_blank",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            models.Q(("baseline_value__isnull", True), ("value__isnull", True)),
                            models.Q(("unit", ""), _negated=True),
                            _connector="OR",
                        ),
                        database_only=False,
                        field="unit",
                        name="clause_quantity_has_unit",
                        violation_error_code="unit_missing",
                        violation_error_message="A quantity needs its unit.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("value__isnull", False), models.Q(("comparator", ""), ("per", "")), _connector="OR"
                        ),
                        database_only=False,
                        field="value",
                        name="clause_comparator_has_value",
                        violation_error_code="value_missing",
                        violation_error_message="A comparator or a time per which a quantity applies needs the value.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            models.Q(("modification", ""), ("modifies__isnull", True)),
                            models.Q(("modifies__isnull", False), models.Q(("modification", ""), _negated=True)),
                            _connector="OR",
                        ),
                        database_only=False,
                        field="modification",
                        name="clause_modification_has_clause",
                        violation_error_code="modification",
                        violation_error_message="Enter the clause that is modified together with the kind of modification.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("text", ""), models.Q(("language", ""), _negated=True), _connector="OR"),
                        database_only=False,
                        field="language",
                        name="clause_text_has_language",
                        violation_error_code="language_missing",
                        violation_error_message="A text needs its language.",
                    ),
                    models.UniqueConstraint(
                        fields=("agreement", "number"),
                        name="clause_number_once",
                        violation_error_message="The agreement has a clause of this number already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_index=True,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        db_default=1,
                        default=1,
                        editable=False,
                        help_text="Number of changes of the row and of its nested entries, from 1; maintained by the database.",
                        serialize=False,
                        verbose_name="version",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        help_text="The agreement.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="accords.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "number",
                    accords.db.fields.RowNumber(
                        help_text="The editors' own number, unique within the agreement: `E1`.",
                        max_length=50,
                        verbose_name="number",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("meeting", "meeting"),
                            ("visit", "visit"),
                            ("signature", "signature"),
                            ("ratification", "ratification"),
                            ("accession", "accession"),
                            ("reservation", "reservation"),
                            ("provisional_application", "provisional application"),
                            ("entry_into_force", "entry into force"),
                            ("amendment", "amendment"),
                            ("notice", "notice"),
                            ("suspension", "suspension"),
                            ("resumption", "resumption"),
                            ("denunciation", "denunciation"),
                            ("withdrawal", "withdrawal"),
                            ("termination", "termination"),
                        ],
                        help_text="What sort of event.",
                        max_length=32,
                        verbose_name="kind",
                    ),
                ),
                (
                    "country",
                    accords.db.fields.Country(
                        blank=True,
                        default="",
                        help_text="Where: ISO 3166-1 alpha-2 code; blank = not stated.",
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                (
                    "place",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="Where, in the source's own words; blank = not stated.",
                        max_length=200,
                        verbose_name="place",
                    ),
                ),
                (
                    "date",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="When. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="date",
                    ),
                ),
                (
                    "date_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `date` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="date",
                        side="earliest",
                        verbose_name="date earliest",
                    ),
                ),
                (
                    "date_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `date` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="date",
                        side="latest",
                        verbose_name="date latest",
                    ),
                ),
                (
                    "date_text",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="When, in the source's own words: `avril prochain`.",
                        max_length=200,
                        verbose_name="date text",
                    ),
                ),
                (
                    "duration",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long it lasted: `PT1H40M`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="duration",
                    ),
                ),
                (
                    "approximate",
                    models.BooleanField(
                        default=False,
                        help_text="Whether the duration is approximate: `près d'une heure quarante`.",
                        verbose_name="approximate",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("held", "held"), ("planned", "planned"), ("cancelled", "cancelled")],
                        help_text="Whether it took place.",
                        max_length=32,
                        verbose_name="status",
                    ),
                ),
                (
                    "after",
                    models.ForeignKey(
                        blank=True,
                        help_text="The event that it follows, where a source says so.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="followed_by",
                        to="accords.event",
                        verbose_name="after",
                    ),
                ),
                (
                    "reciprocates",
                    models.ForeignKey(
                        blank=True,
                        help_text="The visit that it returns.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reciprocated_by",
                        to="accords.event",
                        verbose_name="reciprocates",
                    ),
                ),
                (
                    "search",
                    accords.db.search_index.SearchEntry(
                        body=("date_text",), folded=("number", "place", "date_text"), head=("place",), language=""
                    ),
                ),
                (
                    "participants",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Who took or takes part.",
                        related_name="events",
                        to="accords.party",
                        verbose_name="participants",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "meeting",
                                    "visit",
                                    "signature",
                                    "ratification",
                                    "accession",
                                    "reservation",
                                    "provisional_application",
                                    "entry_into_force",
                                    "amendment",
                                    "notice",
                                    "suspension",
                                    "resumption",
                                    "denunciation",
                                    "withdrawal",
                                    "termination",
                                ],
                            )
                        ),
                        database_only=True,
                        field="kind",
                        name="event_kind_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("status__in", ["held", "planned", "cancelled"])),
                        database_only=True,
                        field="status",
                        name="event_status_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("country", ""),
                            django.db.models.lookups.Exact(
                                django.db.models.functions.text.Length(models.F("country")), 2
                            ),
                            _connector="OR",
                        ),
                        database_only=True,
                        field="country",
                        name="event_country_alpha2",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("after__isnull", True), models.Q(("after", models.F("id")), _negated=True), _connector="OR"
                        ),
                        database_only=False,
                        field="after",
                        name="event_after_other",
                        violation_error_code="itself",
                        violation_error_message="It cannot point at itself.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            ("reciprocates__isnull", True),
                            models.Q(("reciprocates", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        database_only=False,
                        field="reciprocates",
                        name="event_reciprocates_other",
                        violation_error_code="itself",
                        violation_error_message="It cannot point at itself.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("date"))),
                        database_only=True,
                        field="date",
                        name="event_date_edtf",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("date"), models.F("date_earliest"), models.F("date_latest")
                            )
                        ),
                        database_only=True,
                        field="date",
                        name="event_date_bounds",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("number", ""), _negated=True),
                        database_only=True,
                        field="number",
                        name="event_number_not_blank",
                    ),
                    models.UniqueConstraint(
                        fields=("agreement", "number"),
                        name="event_number_once",
                        violation_error_message="The agreement has an event of this number already.",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="HistoricalRenewal",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="How the row was written.", max_length=64),
                ),
                (
                    "author",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Username of the account, which may be deleted by now.",
                        max_length=150,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "sequence",
                    models.PositiveIntegerField(
                        help_text="Which one of its kind, from 1.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="sequence",
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
                            ("option_deadline", "option deadline"),
                            ("review", "review"),
                        ],
                        help_text="The kind of date.",
                        max_length=32,
                        verbose_name="kind",
                    ),
                ),
                (
                    "due",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="The day; of a deadline, the last day on which the act is in time. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="due",
                    ),
                ),
                (
                    "due_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `due` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="due earliest",
                    ),
                ),
                (
                    "due_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `due` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="due latest",
                    ),
                ),
                (
                    "offset",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long after the effective date it falls due: `P1Y`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="offset",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[("stated", "stated"), ("computed", "computed"), ("editorial", "editorial")],
                        help_text="The origin of the date.",
                        max_length=32,
                        verbose_name="basis",
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
                        help_text="The outcome so far.",
                        max_length=32,
                        verbose_name="status",
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
                        verbose_name="agreement",
                    ),
                ),
                (
                    "outcome",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The agreement that it led to, which takes the place of this one, if it is another.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.agreement",
                        verbose_name="outcome",
                    ),
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
                "verbose_name": "historical renewal",
                "verbose_name_plural": "historical renewals",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="renewal_log")],
                "constraints": [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Renewal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_index=True,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        db_default=1,
                        default=1,
                        editable=False,
                        help_text="Number of changes of the row and of its nested entries, from 1; maintained by the database.",
                        serialize=False,
                        verbose_name="version",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        help_text="The agreement.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="renewals",
                        to="accords.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "sequence",
                    models.PositiveIntegerField(
                        help_text="Which one of its kind, from 1.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="sequence",
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
                            ("option_deadline", "option deadline"),
                            ("review", "review"),
                        ],
                        help_text="The kind of date.",
                        max_length=32,
                        verbose_name="kind",
                    ),
                ),
                (
                    "due",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="The day; of a deadline, the last day on which the act is in time. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="due",
                    ),
                ),
                (
                    "due_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `due` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="due",
                        side="earliest",
                        verbose_name="due earliest",
                    ),
                ),
                (
                    "due_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `due` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        of="due",
                        side="latest",
                        verbose_name="due latest",
                    ),
                ),
                (
                    "offset",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long after the effective date it falls due: `P1Y`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="offset",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[("stated", "stated"), ("computed", "computed"), ("editorial", "editorial")],
                        help_text="The origin of the date.",
                        max_length=32,
                        verbose_name="basis",
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
                        help_text="The outcome so far.",
                        max_length=32,
                        verbose_name="status",
                    ),
                ),
                (
                    "outcome",
                    models.ForeignKey(
                        blank=True,
                        help_text="The agreement that it led to, which takes the place of this one, if it is another.",
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="outcome_of",
                        to="accords.agreement",
                        verbose_name="outcome",
                    ),
                ),
            ],
            options={
                "verbose_name": "renewal",
                "verbose_name_plural": "renewals",
                "indexes": [
                    models.Index(fields=["due_earliest", "id", "agreement", "basis"], name="renewal_by_earliest"),
                    models.Index(fields=["due_latest", "id"], name="renewal_by_latest"),
                    models.Index(fields=["kind", "id"], name="renewal_by_kind"),
                    models.Index(fields=["sequence", "id"], name="renewal_by_sequence"),
                    models.Index(
                        accords.db.date_bands.DateBand(models.F("due_earliest"), models.F("due_latest")),
                        models.F("due_earliest"),
                        models.F("id"),
                        models.F("due_latest"),
                        models.F("agreement"),
                        name="renewal_due_by_band",
                    ),
                ],
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["expiry", "renewal", "renegotiation", "notice_deadline", "option_deadline", "review"],
                            )
                        ),
                        database_only=True,
                        field="kind",
                        name="renewal_kind_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("basis__in", ["stated", "computed", "editorial"])),
                        database_only=True,
                        field="basis",
                        name="renewal_basis_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("status__in", ["projected", "scheduled", "concluded", "missed"])),
                        database_only=True,
                        field="status",
                        name="renewal_status_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("due"))),
                        database_only=True,
                        field="due",
                        name="renewal_due_edtf",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("due"), models.F("due_earliest"), models.F("due_latest")
                            )
                        ),
                        database_only=True,
                        field="due",
                        name="renewal_due_bounds",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("sequence__gte", 1)),
                        database_only=True,
                        field="sequence",
                        name="renewal_sequence_from_one",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("outcome__isnull", True), ("status", "concluded"), _connector="OR"),
                        database_only=False,
                        field="outcome",
                        name="renewal_outcome_concluded",
                        violation_error_code="not_concluded",
                        violation_error_message="Only a concluded renewal has an outcome.",
                    ),
                    models.UniqueConstraint(
                        fields=("agreement", "kind", "sequence"),
                        name="renewal_once",
                        violation_error_message="The agreement has a renewal date of this kind and number already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "url",
                    models.URLField(
                        help_text="Where messages are sent: an https address. Redirects are not followed.",
                        max_length=500,
                        verbose_name="URL",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        help_text="The account whose permissions decide which changes are sent.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="webhooks",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "resources",
                    accords.db.fields.StringList(
                        blank=True,
                        default=list,
                        encoder=accords.db.fields.PlainJson,
                        help_text="Only changes of these resources, one on each line: `clauses`. Blank = of all.",
                        verbose_name="resources",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        help_text="Only changes of this agreement and of what belongs to it. Blank = of all.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="webhooks",
                        to="accords.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "secret",
                    models.CharField(
                        default=accords.models.webhooks.new_secret,
                        editable=False,
                        help_text="The key with which messages are signed. It is shown once, when it is made.",
                        max_length=100,
                        verbose_name="secret",
                    ),
                ),
                (
                    "old_secret",
                    models.CharField(
                        blank=True,
                        default="",
                        editable=False,
                        help_text="The key before this one, with which messages are signed too until `old_secret_until`.",
                        max_length=100,
                        verbose_name="old secret",
                    ),
                ),
                (
                    "old_secret_until",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="Until when messages are signed with the old secret too; blank = there is none.",
                        null=True,
                        verbose_name="old secret until",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Whether messages are sent. It is turned off after three days of failures; turn it on to go on.",
                        verbose_name="is active",
                    ),
                ),
                (
                    "position",
                    models.BigIntegerField(
                        default=0,
                        help_text="The last position of the feed that was delivered. `replay` in the API delivers again what came after one.",
                        verbose_name="position",
                    ),
                ),
                (
                    "views_drafts",
                    models.BooleanField(
                        default=False,
                        editable=False,
                        help_text="To which of the two feeds the position belongs: that of users who may view drafts.",
                        verbose_name="views drafts",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        help_text="When it was made.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "failing_since",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When deliveries began to fail.",
                        null=True,
                        verbose_name="failing since",
                    ),
                ),
                (
                    "attempts",
                    models.PositiveIntegerField(
                        default=0,
                        editable=False,
                        help_text="How often the message that is due has failed.",
                        verbose_name="attempts",
                    ),
                ),
                (
                    "next_attempt_at",
                    models.DateTimeField(
                        db_index=True,
                        default=django.utils.timezone.now,
                        editable=False,
                        help_text="Before this instant nothing is sent.",
                        verbose_name="next attempt at",
                    ),
                ),
                (
                    "claimed_until",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="Until when one worker alone delivers to it.",
                        null=True,
                        verbose_name="claimed until",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook",
                "verbose_name_plural": "webhooks",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="CopiedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "working_copy",
                    models.ForeignKey(
                        help_text="The draft.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="copied_rows",
                        to="accords.agreement",
                    ),
                ),
                ("kind", models.CharField(help_text="The model of both rows: `clause`.", max_length=20)),
                ("row_id", models.PositiveBigIntegerField(help_text="The id of the copy.")),
                ("origin_id", models.PositiveBigIntegerField(help_text="The id of the row that was copied.")),
                ("values", models.JSONField(help_text="The values when the copy was made, by field.")),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("working_copy", "kind", "row_id"), name="copiedrow_once")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="HistoricalClause",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="How the row was written.", max_length=64),
                ),
                (
                    "author",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Username of the account, which may be deleted by now.",
                        max_length=150,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "number",
                    accords.db.fields.RowNumber(
                        help_text="The number in the text, or the editors' own where it has none.",
                        max_length=50,
                        verbose_name="number",
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(
                        help_text="Its place in the agreement's order, from 1.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(2147483647),
                        ],
                        verbose_name="position",
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("cooperation", "cooperation"),
                            ("tariff", "tariff"),
                            ("purchase", "purchase"),
                            ("payment", "payment"),
                            ("export_control", "export control"),
                            ("market_access", "market access"),
                            ("exclusivity", "exclusivity"),
                            ("intellectual_property", "intellectual property"),
                            ("confidentiality", "confidentiality"),
                            ("data_protection", "data protection"),
                            ("warranty", "warranty"),
                            ("liability", "liability"),
                            ("indemnity", "indemnity"),
                            ("insurance", "insurance"),
                            ("audit", "audit"),
                            ("assignment", "assignment"),
                            ("force_majeure", "force majeure"),
                            ("law_enforcement", "law enforcement"),
                            ("institution", "institution"),
                            ("duration_renewal", "duration and renewal"),
                            ("review", "review"),
                            ("visit", "visit"),
                            ("termination", "termination"),
                            ("governing_law", "governing law"),
                            ("dispute_settlement", "dispute settlement"),
                            ("definition", "definition"),
                            ("other", "other"),
                        ],
                        help_text="The subject of the clause.",
                        max_length=32,
                        verbose_name="type",
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
                        help_text="How the source states it, and so whether it is part of the agreement.",
                        max_length=32,
                        verbose_name="standing",
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
                            ("unspecified", "unspecified"),
                        ],
                        help_text="Whether it obliges, permits, forbids or declares.",
                        max_length=32,
                        verbose_name="modality",
                    ),
                ),
                (
                    "title",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="A short heading in English, or blank.",
                        max_length=300,
                        verbose_name="title",
                    ),
                ),
                (
                    "text",
                    accords.db.fields.Text(
                        blank=True,
                        default="",
                        help_text="What the source says, in its own words; blank = only paraphrased by the title.",
                        verbose_name="text",
                    ),
                ),
                (
                    "language",
                    accords.db.fields.Language(
                        blank=True,
                        default="",
                        help_text="The language of the text (BCP 47).",
                        max_length=35,
                        verbose_name="language",
                    ),
                ),
                (
                    "commodity",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The goods concerned, in the source's own words: `soja`.",
                        max_length=200,
                        verbose_name="commodity",
                    ),
                ),
                (
                    "hs_codes",
                    accords.db.fields.StringList(
                        blank=True,
                        default=list,
                        encoder=accords.db.fields.PlainJson,
                        help_text="Headings of the Harmonized System 2022 (2, 4 or 6 digits), or ranges of them (`25-97`): the editors' mapping of the commodity, not the source's.",
                        item_pattern="\\d{2}(?:\\d{2}){0,2}(?:-\\d{2}(?:\\d{2}){0,2})?",
                        verbose_name="HS codes",
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("all", "all"), ("partial", "partial"), ("unspecified", "unspecified")],
                        default="unspecified",
                        help_text="How much of its subject it covers.",
                        max_length=32,
                        verbose_name="scope",
                    ),
                ),
                (
                    "scope_note",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="What the scope is, in the source's own words.",
                        max_length=300,
                        verbose_name="scope note",
                    ),
                ),
                (
                    "baseline_value",
                    accords.db.fields.Quantity(
                        blank=True,
                        decimal_places=15,
                        help_text="The quantity before; blank = not stated.",
                        max_digits=30,
                        null=True,
                        verbose_name="baseline value",
                    ),
                ),
                (
                    "value",
                    accords.db.fields.Quantity(
                        blank=True,
                        decimal_places=15,
                        help_text="The quantity agreed, of up to 15 significant digits; blank = not stated.",
                        max_digits=30,
                        null=True,
                        verbose_name="value",
                    ),
                ),
                (
                    "comparator",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("exactly", "exactly"),
                            ("at_least", "at least"),
                            ("at_most", "at most"),
                            ("about", "about"),
                        ],
                        default="",
                        help_text="How the quantity agreed is to be compared with the value; blank = not stated.",
                        max_length=32,
                        verbose_name="comparator",
                    ),
                ),
                (
                    "unit",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The unit of both quantities: UCUM (`%`, `t`), UN/ECE Recommendation 20 or ISO 4217 (`EUR`).",
                        max_length=32,
                        validators=[accords.models.clauses.validate_unit],
                        verbose_name="unit",
                    ),
                ),
                (
                    "per",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="The time to which the quantity agreed applies: `P1Y` for a yearly fee. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="per",
                    ),
                ),
                (
                    "effective",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="From when it applies, where that differs from the agreement. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="effective",
                    ),
                ),
                (
                    "effective_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `effective` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="effective earliest",
                    ),
                ),
                (
                    "effective_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `effective` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="effective latest",
                    ),
                ),
                (
                    "ends",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="Its last day, where that differs from the agreement. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="ends",
                    ),
                ),
                (
                    "ends_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `ends` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="ends earliest",
                    ),
                ),
                (
                    "ends_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `ends` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="ends latest",
                    ),
                ),
                (
                    "period",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="A period within the clause, such as one for payment or cure: `P30D`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="period",
                    ),
                ),
                (
                    "trigger",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The event from which the period runs, in the source's own words: `from receipt of the invoice`.",
                        max_length=500,
                        verbose_name="trigger",
                    ),
                ),
                (
                    "survives",
                    models.BooleanField(
                        default=False,
                        help_text="Whether it continues to apply after the end of the agreement.",
                        verbose_name="survives",
                    ),
                ),
                (
                    "modification",
                    models.CharField(
                        blank=True,
                        choices=[("substitution", "substitution"), ("repeal", "repeal"), ("insertion", "insertion")],
                        default="",
                        help_text="How it changes the clause that it modifies.",
                        max_length=32,
                        verbose_name="modification",
                    ),
                ),
                ("replaced_low", accords.models.agreements.DerivedDay()),
                ("replaced_high", accords.models.agreements.DerivedDay()),
                (
                    "rests_on",
                    models.CharField(
                        blank=True,
                        choices=[("stated", "stated"), ("editorial", "editorial")],
                        default="",
                        editable=False,
                        help_text="The weakest evidence of its own dates; blank if it has none.",
                        max_length=32,
                        verbose_name="rests on",
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
                        verbose_name="agreement",
                    ),
                ),
                (
                    "modifies",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The clause of the amended agreement that it replaces, repeals or is inserted after.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.clause",
                        verbose_name="modifies",
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
                        verbose_name="parent",
                    ),
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
                "verbose_name": "historical clause",
                "verbose_name_plural": "historical clauses",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="clause_log")],
                "constraints": [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalClauseParty",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="How the row was written.", max_length=64),
                ),
                (
                    "author",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Username of the account, which may be deleted by now.",
                        max_length=150,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("obligor", "obligor"), ("obligee", "obligee"), ("affected", "affected")],
                        help_text="What the party is to the clause.",
                        max_length=32,
                        verbose_name="role",
                    ),
                ),
                (
                    "explicit",
                    models.BooleanField(
                        help_text="Whether the text names the party in that role (true), or an editor supplied it (false).",
                        verbose_name="explicit",
                    ),
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
                        verbose_name="clause",
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
                        verbose_name="party",
                    ),
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
                "verbose_name": "historical clause party",
                "verbose_name_plural": "historical clause parties",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="clauseparty_log")],
                "constraints": [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ClauseParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_index=True,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "clause",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The clause.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parties",
                        to="accords.clause",
                        verbose_name="clause",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Who.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clause_roles",
                        to="accords.party",
                        verbose_name="party",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("obligor", "obligor"), ("obligee", "obligee"), ("affected", "affected")],
                        help_text="What the party is to the clause.",
                        max_length=32,
                        verbose_name="role",
                    ),
                ),
                (
                    "explicit",
                    models.BooleanField(
                        help_text="Whether the text names the party in that role (true), or an editor supplied it (false).",
                        verbose_name="explicit",
                    ),
                ),
            ],
            options={
                "verbose_name": "clause party",
                "verbose_name_plural": "clause parties",
                "indexes": [
                    models.Index(fields=["party", "role", "explicit", "clause"], name="clauseparty_who_owes"),
                    models.Index(fields=["clause", "id", "party", "role", "explicit"], name="clauseparty_of_clause"),
                ],
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("role__in", ["obligor", "obligee", "affected"])),
                        database_only=True,
                        field="role",
                        name="clauseparty_role_known",
                    ),
                    models.UniqueConstraint(fields=("clause", "party", "role"), name="clauseparty_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClauseWords",
            fields=[
                (
                    "row",
                    models.OneToOneField(
                        db_column="rowid",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="indexed",
                        serialize=False,
                        to="accords.clause",
                    ),
                ),
            ],
            options={
                "db_table": "accords_clause_words",
                "managed": False,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="HistoricalEvent",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="How the row was written.", max_length=64),
                ),
                (
                    "author",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Username of the account, which may be deleted by now.",
                        max_length=150,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "number",
                    accords.db.fields.RowNumber(
                        help_text="The editors' own number, unique within the agreement: `E1`.",
                        max_length=50,
                        verbose_name="number",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("meeting", "meeting"),
                            ("visit", "visit"),
                            ("signature", "signature"),
                            ("ratification", "ratification"),
                            ("accession", "accession"),
                            ("reservation", "reservation"),
                            ("provisional_application", "provisional application"),
                            ("entry_into_force", "entry into force"),
                            ("amendment", "amendment"),
                            ("notice", "notice"),
                            ("suspension", "suspension"),
                            ("resumption", "resumption"),
                            ("denunciation", "denunciation"),
                            ("withdrawal", "withdrawal"),
                            ("termination", "termination"),
                        ],
                        help_text="What sort of event.",
                        max_length=32,
                        verbose_name="kind",
                    ),
                ),
                (
                    "country",
                    accords.db.fields.Country(
                        blank=True,
                        default="",
                        help_text="Where: ISO 3166-1 alpha-2 code; blank = not stated.",
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                (
                    "place",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="Where, in the source's own words; blank = not stated.",
                        max_length=200,
                        verbose_name="place",
                    ),
                ),
                (
                    "date",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="When. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                        verbose_name="date",
                    ),
                ),
                (
                    "date_earliest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `date` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="date earliest",
                    ),
                ),
                (
                    "date_latest",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `date` allows (ISO 8601 date); null if it sets no such bound.",
                        null=True,
                        verbose_name="date latest",
                    ),
                ),
                (
                    "date_text",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="When, in the source's own words: `avril prochain`.",
                        max_length=200,
                        verbose_name="date text",
                    ),
                ),
                (
                    "duration",
                    accords.db.fields.Duration(
                        blank=True,
                        default="",
                        help_text="How long it lasted: `PT1H40M`. ISO 8601 duration; blank = not stated.",
                        max_length=32,
                        verbose_name="duration",
                    ),
                ),
                (
                    "approximate",
                    models.BooleanField(
                        default=False,
                        help_text="Whether the duration is approximate: `près d'une heure quarante`.",
                        verbose_name="approximate",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("held", "held"), ("planned", "planned"), ("cancelled", "cancelled")],
                        help_text="Whether it took place.",
                        max_length=32,
                        verbose_name="status",
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
                        verbose_name="agreement",
                    ),
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
                        verbose_name="after",
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
                        verbose_name="reciprocates",
                    ),
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
                "verbose_name": "historical event",
                "verbose_name_plural": "historical events",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="event_log")],
                "constraints": [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="EventWords",
            fields=[
                (
                    "row",
                    models.OneToOneField(
                        db_column="rowid",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="indexed",
                        serialize=False,
                        to="accords.event",
                    ),
                ),
            ],
            options={
                "db_table": "accords_event_words",
                "managed": False,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="HistoricalStatement",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="How the row was written.", max_length=64),
                ),
                (
                    "author",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Username of the account, which may be deleted by now.",
                        max_length=150,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "number",
                    accords.db.fields.RowNumber(
                        help_text="The editors' own number, unique within the agreement: `S1`.",
                        max_length=50,
                        verbose_name="number",
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
                        verbose_name="kind",
                    ),
                ),
                (
                    "speaker_label",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="How the source names the speaker: `le président américain`.",
                        max_length=200,
                        verbose_name="speaker label",
                    ),
                ),
                (
                    "polarity",
                    models.CharField(
                        choices=[("positive", "positive"), ("negative", "negative"), ("unknown", "unknown")],
                        help_text="Whether the speaker holds the proposition to be so.",
                        max_length=32,
                        verbose_name="polarity",
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
                        verbose_name="certainty",
                    ),
                ),
                (
                    "proposition",
                    accords.db.fields.Line(
                        help_text="What is said to be so, phrased positively, in English; the polarity says yes or no to it.",
                        max_length=1000,
                        verbose_name="proposition",
                    ),
                ),
                (
                    "topics",
                    accords.db.fields.StringList(
                        blank=True,
                        default=list,
                        encoder=accords.db.fields.PlainJson,
                        help_text="What it is about, a few words in English.",
                        verbose_name="topics",
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
                        verbose_name="agreement",
                    ),
                ),
                (
                    "speaker",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Who says it; blank where the source itself speaks.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.party",
                        verbose_name="speaker",
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
                        verbose_name="clause",
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
                        verbose_name="event",
                    ),
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
                "verbose_name": "historical statement",
                "verbose_name_plural": "historical statements",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="statement_log")],
                "constraints": [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_index=True,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        db_default=1,
                        default=1,
                        editable=False,
                        help_text="Number of changes of the row and of its nested entries, from 1; maintained by the database.",
                        serialize=False,
                        verbose_name="version",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        help_text="The agreement.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="statements",
                        to="accords.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "number",
                    accords.db.fields.RowNumber(
                        help_text="The editors' own number, unique within the agreement: `S1`.",
                        max_length=50,
                        verbose_name="number",
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
                        verbose_name="kind",
                    ),
                ),
                (
                    "speaker",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="Who says it; blank where the source itself speaks.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="accords.party",
                        verbose_name="speaker",
                    ),
                ),
                (
                    "speaker_label",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="How the source names the speaker: `le président américain`.",
                        max_length=200,
                        verbose_name="speaker label",
                    ),
                ),
                (
                    "polarity",
                    models.CharField(
                        choices=[("positive", "positive"), ("negative", "negative"), ("unknown", "unknown")],
                        help_text="Whether the speaker holds the proposition to be so.",
                        max_length=32,
                        verbose_name="polarity",
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
                        verbose_name="certainty",
                    ),
                ),
                (
                    "proposition",
                    accords.db.fields.Line(
                        help_text="What is said to be so, phrased positively, in English; the polarity says yes or no to it.",
                        max_length=1000,
                        verbose_name="proposition",
                    ),
                ),
                (
                    "topics",
                    accords.db.fields.StringList(
                        blank=True,
                        default=list,
                        encoder=accords.db.fields.PlainJson,
                        help_text="What it is about, a few words in English.",
                        verbose_name="topics",
                    ),
                ),
                (
                    "clause",
                    models.ForeignKey(
                        blank=True,
                        help_text="The clause that it speaks of; never for a denial.",
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="statements",
                        to="accords.clause",
                        verbose_name="clause",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        help_text="The event that it speaks of.",
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="statements",
                        to="accords.event",
                        verbose_name="event",
                    ),
                ),
                (
                    "search",
                    accords.db.search_index.SearchEntry(
                        body=("speaker_label", "topics"),
                        folded=("number", "proposition", "speaker_label"),
                        head=("proposition",),
                        language="",
                    ),
                ),
                (
                    "mentions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Who is named in it.",
                        related_name="mentioned_in",
                        to="accords.party",
                        verbose_name="mentions",
                    ),
                ),
            ],
            options={
                "verbose_name": "statement",
                "verbose_name_plural": "statements",
                "indexes": [models.Index(fields=["speaker", "agreement"], name="statement_of_speaker")],
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["announcement", "assertion", "denial", "characterization", "analysis", "outlook"],
                            )
                        ),
                        database_only=True,
                        field="kind",
                        name="statement_kind_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("polarity__in", ["positive", "negative", "unknown"])),
                        database_only=True,
                        field="polarity",
                        name="statement_polarity_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("certainty__in", ["certain", "probable", "possible", "unspecified"])),
                        database_only=True,
                        field="certainty",
                        name="statement_certainty_known",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("number", ""), _negated=True),
                        database_only=True,
                        field="number",
                        name="statement_number_not_blank",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("proposition", ""), _negated=True),
                        database_only=True,
                        field="proposition",
                        name="statement_proposition_not_blank",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            models.Q(("kind", "denial"), _negated=True), ("polarity", "negative"), _connector="OR"
                        ),
                        database_only=False,
                        field="polarity",
                        name="statement_denial_negative",
                        violation_error_code="denial_not_negative",
                        violation_error_message="A denial is negative: the proposition says what is denied.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            models.Q(("kind", "denial"), _negated=True), ("clause__isnull", True), _connector="OR"
                        ),
                        database_only=False,
                        field="clause",
                        name="statement_denial_no_clause",
                        violation_error_code="denial_with_clause",
                        violation_error_message="A denial has no clause: what was denied is not something that was agreed.",
                    ),
                    models.UniqueConstraint(
                        fields=("agreement", "number"),
                        name="statement_number_once",
                        violation_error_message="The agreement has a statement of this number already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "webhook",
                    models.ForeignKey(
                        help_text="The webhook.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="accords.webhook",
                        verbose_name="webhook",
                    ),
                ),
                (
                    "message",
                    accords.db.fields.Line(
                        help_text="The id of the message, the same at each attempt (`webhook-id`).",
                        max_length=100,
                        verbose_name="message",
                    ),
                ),
                (
                    "kind",
                    accords.db.fields.Line(
                        help_text="The type of the message: `clauses.changed`.", max_length=50, verbose_name="kind"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True, help_text="When it was sent.", verbose_name="at")),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The HTTP status of the response; blank = there was none.",
                        null=True,
                        verbose_name="status",
                    ),
                ),
                (
                    "error",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="Why it failed; blank = it was delivered.",
                        max_length=200,
                        verbose_name="error",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="HistoricalEvent_participants",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
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
                    "history",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="accords.historicalevent",
                    ),
                ),
                ("m2m_history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "HistoricalEvent_participants",
                "indexes": [],
                "constraints": [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalStatement_mentions",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
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
                    "history",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="accords.historicalstatement",
                    ),
                ),
                ("m2m_history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "HistoricalStatement_mentions",
                "indexes": [],
                "constraints": [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="StatementWords",
            fields=[
                (
                    "row",
                    models.OneToOneField(
                        db_column="rowid",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="indexed",
                        serialize=False,
                        to="accords.statement",
                    ),
                ),
            ],
            options={
                "db_table": "accords_statement_words",
                "managed": False,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="HistoricalCitation",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "through",
                    models.CharField(blank=True, default="", help_text="How the row was written.", max_length=64),
                ),
                (
                    "author",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Username of the account, which may be deleted by now.",
                        max_length=150,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "field",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The field that it supports; blank = the whole row.",
                        max_length=50,
                        verbose_name="field",
                    ),
                ),
                (
                    "exact",
                    accords.db.fields.Text(
                        help_text="The quoted words, to the letter (TextQuoteSelector).", verbose_name="exact"
                    ),
                ),
                (
                    "prefix",
                    accords.db.fields.Text(
                        blank=True,
                        default="",
                        help_text="What stands before them (TextQuoteSelector).",
                        verbose_name="prefix",
                    ),
                ),
                (
                    "suffix",
                    accords.db.fields.Text(
                        blank=True,
                        default="",
                        help_text="What stands after them (TextQuoteSelector).",
                        verbose_name="suffix",
                    ),
                ),
                (
                    "start",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Where they start in the source: Unicode code points from 0 (TextPositionSelector). Found from the quote if left blank.",
                        verbose_name="start",
                    ),
                ),
                (
                    "end",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Where they end, exclusive (TextPositionSelector). Found from the quote if left blank.",
                        verbose_name="end",
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
                        verbose_name="source",
                    ),
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
                        verbose_name="agreement",
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
                        verbose_name="clause",
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
                        verbose_name="statement",
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
                        verbose_name="event",
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
                        verbose_name="renewal",
                    ),
                ),
                (
                    "participation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The part of a party in an agreement that it supports.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.participation",
                        verbose_name="participation",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The party that it supports.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accords.party",
                        verbose_name="party",
                    ),
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
                "verbose_name": "historical citation",
                "verbose_name_plural": "historical citations",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="citation_log")],
                "constraints": [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Citation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_index=True,
                        help_text="When the row was created: an RFC 3339 instant, UTC.",
                        verbose_name="created at",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC.",
                        verbose_name="updated at",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        db_default=1,
                        default=1,
                        editable=False,
                        help_text="Number of changes of the row and of its nested entries, from 1; maintained by the database.",
                        serialize=False,
                        verbose_name="version",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        help_text="The source that is quoted.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="citations",
                        to="accords.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        help_text="The agreement, where the claim is its own.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="citations",
                        to="accords.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "clause",
                    models.ForeignKey(
                        blank=True,
                        help_text="The clause that it supports.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="citations",
                        to="accords.clause",
                        verbose_name="clause",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        blank=True,
                        help_text="The statement that it supports.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="citations",
                        to="accords.statement",
                        verbose_name="statement",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        help_text="The event that it supports.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="citations",
                        to="accords.event",
                        verbose_name="event",
                    ),
                ),
                (
                    "renewal",
                    models.ForeignKey(
                        blank=True,
                        help_text="The renewal date that it supports.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="citations",
                        to="accords.renewal",
                        verbose_name="renewal",
                    ),
                ),
                (
                    "participation",
                    models.ForeignKey(
                        blank=True,
                        help_text="The part of a party in an agreement that it supports.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="citations",
                        to="accords.participation",
                        verbose_name="participation",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        help_text="The party that it supports.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="citations",
                        to="accords.party",
                        verbose_name="party",
                    ),
                ),
                (
                    "field",
                    accords.db.fields.Line(
                        blank=True,
                        default="",
                        help_text="The field that it supports; blank = the whole row.",
                        max_length=50,
                        verbose_name="field",
                    ),
                ),
                (
                    "exact",
                    accords.db.fields.Text(
                        help_text="The quoted words, to the letter (TextQuoteSelector).", verbose_name="exact"
                    ),
                ),
                (
                    "prefix",
                    accords.db.fields.Text(
                        blank=True,
                        default="",
                        help_text="What stands before them (TextQuoteSelector).",
                        verbose_name="prefix",
                    ),
                ),
                (
                    "suffix",
                    accords.db.fields.Text(
                        blank=True,
                        default="",
                        help_text="What stands after them (TextQuoteSelector).",
                        verbose_name="suffix",
                    ),
                ),
                (
                    "start",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Where they start in the source: Unicode code points from 0 (TextPositionSelector). Found from the quote if left blank.",
                        verbose_name="start",
                    ),
                ),
                (
                    "end",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Where they end, exclusive (TextPositionSelector). Found from the quote if left blank.",
                        verbose_name="end",
                    ),
                ),
                (
                    "supported",
                    accords.models.citations.SupportedValues(
                        help_text="Digests of the values that it supports, which have not changed since.",
                        verbose_name="supported values",
                    ),
                ),
                ("search", accords.db.search_index.SearchEntry(body=(), folded=("exact",), head=(), language="")),
            ],
            options={
                "verbose_name": "citation",
                "verbose_name_plural": "citations",
                "indexes": [
                    models.Index(fields=["start", "id"], name="citation_by_start"),
                    models.Index(fields=["end", "id"], name="citation_by_end"),
                ],
                "constraints": [
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            models.Q(
                                ("agreement__isnull", False),
                                ("clause__isnull", True),
                                ("statement__isnull", True),
                                ("event__isnull", True),
                                ("renewal__isnull", True),
                                ("participation__isnull", True),
                                ("party__isnull", True),
                            ),
                            models.Q(
                                ("agreement__isnull", True),
                                ("clause__isnull", False),
                                ("statement__isnull", True),
                                ("event__isnull", True),
                                ("renewal__isnull", True),
                                ("participation__isnull", True),
                                ("party__isnull", True),
                            ),
                            models.Q(
                                ("agreement__isnull", True),
                                ("clause__isnull", True),
                                ("statement__isnull", False),
                                ("event__isnull", True),
                                ("renewal__isnull", True),
                                ("participation__isnull", True),
                                ("party__isnull", True),
                            ),
                            models.Q(
                                ("agreement__isnull", True),
                                ("clause__isnull", True),
                                ("statement__isnull", True),
                                ("event__isnull", False),
                                ("renewal__isnull", True),
                                ("participation__isnull", True),
                                ("party__isnull", True),
                            ),
                            models.Q(
                                ("agreement__isnull", True),
                                ("clause__isnull", True),
                                ("statement__isnull", True),
                                ("event__isnull", True),
                                ("renewal__isnull", False),
                                ("participation__isnull", True),
                                ("party__isnull", True),
                            ),
                            models.Q(
                                ("agreement__isnull", True),
                                ("clause__isnull", True),
                                ("statement__isnull", True),
                                ("event__isnull", True),
                                ("renewal__isnull", True),
                                ("participation__isnull", False),
                                ("party__isnull", True),
                            ),
                            models.Q(
                                ("agreement__isnull", True),
                                ("clause__isnull", True),
                                ("statement__isnull", True),
                                ("event__isnull", True),
                                ("renewal__isnull", True),
                                ("participation__isnull", True),
                                ("party__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        database_only=False,
                        field="",
                        name="citation_one_target",
                        violation_error_code="one_target",
                        violation_error_message="A citation supports exactly one row: an agreement, clause, statement, event, renewal, participation or party.",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("start__lt", models.F("end"))),
                        database_only=True,
                        field="end",
                        name="citation_offsets_in_order",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(
                            django.db.models.lookups.Exact(
                                django.db.models.functions.text.Length(models.F("exact")),
                                django.db.models.expressions.CombinedExpression(
                                    models.F("end"), "-", models.F("start")
                                ),
                            )
                        ),
                        database_only=True,
                        field="exact",
                        name="citation_offsets_fit_quote",
                    ),
                    accords.db.constraints.FieldCheck(
                        condition=models.Q(("exact", ""), _negated=True),
                        database_only=True,
                        field="exact",
                        name="citation_exact_not_blank",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("agreement__isnull", False)),
                        fields=("source", "start", "end", "field", "agreement"),
                        name="citation_once_for_agreement",
                        violation_error_message="These words are cited for this already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("clause__isnull", False)),
                        fields=("source", "start", "end", "field", "clause"),
                        name="citation_once_for_clause",
                        violation_error_message="These words are cited for this already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("statement__isnull", False)),
                        fields=("source", "start", "end", "field", "statement"),
                        name="citation_once_for_statement",
                        violation_error_message="These words are cited for this already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("event__isnull", False)),
                        fields=("source", "start", "end", "field", "event"),
                        name="citation_once_for_event",
                        violation_error_message="These words are cited for this already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("renewal__isnull", False)),
                        fields=("source", "start", "end", "field", "renewal"),
                        name="citation_once_for_renewal",
                        violation_error_message="These words are cited for this already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("participation__isnull", False)),
                        fields=("source", "start", "end", "field", "participation"),
                        name="citation_once_for_participation",
                        violation_error_message="These words are cited for this already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("party__isnull", False)),
                        fields=("source", "start", "end", "field", "party"),
                        name="citation_once_for_party",
                        violation_error_message="These words are cited for this already.",
                    ),
                ],
            },
        ),
    ]
