"""The domain: ten tables and what the database keeps of their rules."""

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.math
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models

import accords.db.constraints
import accords.db.fields
import accords.models.terms


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row was last changed: an RFC 3339 instant, UTC.",
                    ),
                ),
                (
                    "announced",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="When it was announced. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "announced_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `announced` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="announced",
                        side="earliest",
                    ),
                ),
                (
                    "announced_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `announced` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="announced",
                        side="latest",
                    ),
                ),
                (
                    "signed",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="When it was signed. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "signed_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `signed` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="signed",
                        side="earliest",
                    ),
                ),
                (
                    "signed_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `signed` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="signed",
                        side="latest",
                    ),
                ),
                (
                    "effective",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="From when it applies. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "effective_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `effective` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="effective",
                        side="earliest",
                    ),
                ),
                (
                    "effective_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `effective` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="effective",
                        side="latest",
                    ),
                ),
                (
                    "ends",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="Its last day, where a source states one; an end that follows from the term is a renewal date instead. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "ends_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `ends` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="ends",
                        side="earliest",
                    ),
                ),
                (
                    "ends_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `ends` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="ends",
                        side="latest",
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
                ("starts_low", accords.models.terms.ReadingDay()),
                ("starts_high", accords.models.terms.ReadingDay()),
                ("period_ends_low", accords.models.terms.ReadingDay()),
                ("period_ends_high", accords.models.terms.ReadingDay()),
                ("last_ends_low", accords.models.terms.ReadingDay()),
                ("last_ends_high", accords.models.terms.ReadingDay()),
                ("stated_end_low", accords.models.terms.ReadingDay()),
                ("stated_end_high", accords.models.terms.ReadingDay()),
                (
                    "slug",
                    accords.db.fields.Slug(
                        help_text="Short, stable name in URLs; found in any case.", max_length=100, unique=True
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
                        db_index=True,
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
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        help_text="The earlier agreement that it replaces.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="accords.agreement",
                    ),
                ),
            ],
            options={
                "permissions": [("publish_agreement", "Can publish agreement")],
                "constraints": [
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            (
                                "instrument__in",
                                ["announced_deal", "treaty", "exchange_of_notes", "memorandum", "contract", "other"],
                            )
                        ),
                        field="instrument",
                        name="agreement_instrument_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("status__in", ["announced", "signed", "in_force", "suspended", "terminated", "unknown"])
                        ),
                        field="status",
                        name="agreement_status_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            (
                                "renewal_mode__in",
                                ["none", "automatic", "optional", "negotiated", "evergreen", "unspecified"],
                            )
                        ),
                        field="renewal_mode",
                        name="agreement_renewal_mode_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("supersedes__isnull", True),
                            models.Q(("supersedes", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        field="supersedes",
                        name="agreement_supersedes_other",
                        told=True,
                        violation_error_code="itself",
                        violation_error_message="It cannot point at itself.",
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("announced"))),
                        field="announced",
                        name="agreement_announced_edtf",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("announced"), models.F("announced_earliest"), models.F("announced_latest")
                            )
                        ),
                        field="announced",
                        name="agreement_announced_bounds",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("signed"))),
                        field="signed",
                        name="agreement_signed_edtf",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("signed"), models.F("signed_earliest"), models.F("signed_latest")
                            )
                        ),
                        field="signed",
                        name="agreement_signed_bounds",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("effective"))),
                        field="effective",
                        name="agreement_effective_edtf",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("effective"), models.F("effective_earliest"), models.F("effective_latest")
                            )
                        ),
                        field="effective",
                        name="agreement_effective_bounds",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("ends"))),
                        field="ends",
                        name="agreement_ends_edtf",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("ends"), models.F("ends_earliest"), models.F("ends_latest")
                            )
                        ),
                        field="ends",
                        name="agreement_ends_bounds",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("slug", ""), _negated=True),
                        field="slug",
                        name="agreement_slug_given",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("title", ""), _negated=True),
                        field="title",
                        name="agreement_title_given",
                        told=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Clause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row was last changed: an RFC 3339 instant, UTC.",
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
                    "delta",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                models.F("value"), "-", models.F("baseline_value")
                            ),
                            4,
                        ),
                        help_text="`value` minus `baseline_value`, in `delta_unit`; null unless both are stated.",
                        output_field=models.DecimalField(decimal_places=4, max_digits=15),
                    ),
                ),
                (
                    "effective",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="From when it applies, where that differs from the agreement. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "effective_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `effective` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="effective",
                        side="earliest",
                    ),
                ),
                (
                    "effective_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `effective` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="effective",
                        side="latest",
                    ),
                ),
                (
                    "ends",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="Its last day, where that differs from the agreement. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "ends_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `ends` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="ends",
                        side="earliest",
                    ),
                ),
                (
                    "ends_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `ends` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="ends",
                        side="latest",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        help_text="The agreement.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clauses",
                        to="accords.agreement",
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
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["agreement", "position"], name="clause_order")],
                "constraints": [
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            (
                                "type__in",
                                [
                                    "cooperation",
                                    "tariff",
                                    "purchase",
                                    "export_control",
                                    "market_access",
                                    "law_enforcement",
                                    "duration_renewal",
                                    "review",
                                    "visit",
                                    "termination",
                                    "dispute_settlement",
                                    "definition",
                                    "other",
                                ],
                            )
                        ),
                        field="type",
                        name="clause_type_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("standing__in", ["term", "outcome", "reported_commitment", "text"])),
                        field="standing",
                        name="clause_standing_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("modality__in", ["obligation", "permission", "prohibition", "declaration"])
                        ),
                        field="modality",
                        name="clause_modality_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("scope__in", ["all", "partial", "unspecified"])),
                        field="scope",
                        name="clause_scope_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        field="parent",
                        name="clause_parent_other",
                        told=True,
                        violation_error_code="itself",
                        violation_error_message="It cannot point at itself.",
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("effective"))),
                        field="effective",
                        name="clause_effective_edtf",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("effective"), models.F("effective_earliest"), models.F("effective_latest")
                            )
                        ),
                        field="effective",
                        name="clause_effective_bounds",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("ends"))),
                        field="ends",
                        name="clause_ends_edtf",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("ends"), models.F("ends_earliest"), models.F("ends_latest")
                            )
                        ),
                        field="ends",
                        name="clause_ends_bounds",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("number", ""), _negated=True),
                        field="number",
                        name="clause_number_given",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("title", ""), _negated=True),
                        field="title",
                        name="clause_title_given",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            models.Q(("baseline_value__isnull", True), ("value__isnull", True)),
                            models.Q(("unit", ""), _negated=True),
                            _connector="OR",
                        ),
                        field="unit",
                        name="clause_quantity_has_unit",
                        told=True,
                        violation_error_code="unit_missing",
                        violation_error_message="A quantity needs its unit.",
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("text", ""), models.Q(("language", ""), _negated=True), _connector="OR"),
                        field="language",
                        name="clause_text_has_language",
                        told=True,
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
            name="Party",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row was last changed: an RFC 3339 instant, UTC.",
                    ),
                ),
                (
                    "slug",
                    accords.db.fields.Slug(help_text="Short, stable name in URLs.", max_length=100, unique=True),
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
                    "represents",
                    models.ForeignKey(
                        blank=True,
                        help_text="For whom it speaks: Trump for the United States.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="represented_by",
                        to="accords.party",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "parties",
                "constraints": [
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("kind__in", ["state", "international_organization", "organization", "person", "group"])
                        ),
                        field="kind",
                        name="party_kind_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("country", ""),
                            django.db.models.lookups.Exact(
                                django.db.models.functions.text.Length(models.F("country")), 2
                            ),
                            _connector="OR",
                        ),
                        field="country",
                        name="party_country_alpha2",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("represents__isnull", True),
                            models.Q(("represents", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        field="represents",
                        name="party_represents_other",
                        told=True,
                        violation_error_code="itself",
                        violation_error_message="It cannot point at itself.",
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("slug", ""), _negated=True),
                        field="slug",
                        name="party_slug_given",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("name", ""), _negated=True),
                        field="name",
                        name="party_name_given",
                        told=False,
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "state"), models.Q(("country", ""), _negated=True)),
                        fields=("country",),
                        name="party_one_state_a_country",
                        violation_error_message="There is a state with this country code already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Participation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row was last changed: an RFC 3339 instant, UTC.",
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
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="From when. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "since_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `since` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="since",
                        side="earliest",
                    ),
                ),
                (
                    "since_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `since` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="since",
                        side="latest",
                    ),
                ),
                (
                    "until",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="Until when. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "until_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `until` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="until",
                        side="earliest",
                    ),
                ),
                (
                    "until_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `until` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="until",
                        side="latest",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        help_text="The agreement.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participations",
                        to="accords.agreement",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        help_text="Who.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participations",
                        to="accords.party",
                    ),
                ),
            ],
            options={
                "constraints": [
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("role__in", ["party", "representative", "beneficiary", "mediator", "mentioned"])
                        ),
                        field="role",
                        name="participation_role_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("since"))),
                        field="since",
                        name="participation_since_edtf",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("since"), models.F("since_earliest"), models.F("since_latest")
                            )
                        ),
                        field="since",
                        name="participation_since_bounds",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("until"))),
                        field="until",
                        name="participation_until_edtf",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("until"), models.F("until_earliest"), models.F("until_latest")
                            )
                        ),
                        field="until",
                        name="participation_until_bounds",
                        told=False,
                    ),
                    models.UniqueConstraint(fields=("agreement", "party", "role"), name="participation_once"),
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
                        auto_now_add=True, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row was last changed: an RFC 3339 instant, UTC.",
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
                    accords.db.fields.Edtf(
                        blank=True, default="", help_text="When. EDTF (ISO 8601-2); blank = not stated.", max_length=64
                    ),
                ),
                (
                    "date_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The earliest day that `date` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="date",
                        side="earliest",
                    ),
                ),
                (
                    "date_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="The latest day that `date` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="date",
                        side="latest",
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
                    "after",
                    models.ForeignKey(
                        blank=True,
                        help_text="The event that it follows, where a source says so.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="followed_by",
                        to="accords.event",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        help_text="The agreement.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="accords.agreement",
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
                    ),
                ),
                (
                    "participants",
                    models.ManyToManyField(
                        blank=True, help_text="Who took or takes part.", related_name="events", to="accords.party"
                    ),
                ),
            ],
            options={
                "constraints": [
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["meeting", "visit", "signature", "entry_into_force", "amendment", "termination"],
                            )
                        ),
                        field="kind",
                        name="event_kind_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("status__in", ["held", "planned", "cancelled"])),
                        field="status",
                        name="event_status_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("country", ""),
                            django.db.models.lookups.Exact(
                                django.db.models.functions.text.Length(models.F("country")), 2
                            ),
                            _connector="OR",
                        ),
                        field="country",
                        name="event_country_alpha2",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("after__isnull", True), models.Q(("after", models.F("id")), _negated=True), _connector="OR"
                        ),
                        field="after",
                        name="event_after_other",
                        told=True,
                        violation_error_code="itself",
                        violation_error_message="It cannot point at itself.",
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("reciprocates__isnull", True),
                            models.Q(("reciprocates", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        field="reciprocates",
                        name="event_reciprocates_other",
                        told=True,
                        violation_error_code="itself",
                        violation_error_message="It cannot point at itself.",
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("date"))),
                        field="date",
                        name="event_date_edtf",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("date"), models.F("date_earliest"), models.F("date_latest")
                            )
                        ),
                        field="date",
                        name="event_date_bounds",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("number", ""), _negated=True),
                        field="number",
                        name="event_number_given",
                        told=False,
                    ),
                    models.UniqueConstraint(
                        fields=("agreement", "number"),
                        name="event_number_once",
                        violation_error_message="The agreement has an event of this number already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClauseParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row was last changed: an RFC 3339 instant, UTC.",
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
                    "clause",
                    models.ForeignKey(
                        help_text="The clause.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parties",
                        to="accords.clause",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        help_text="Who.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clause_roles",
                        to="accords.party",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "clause parties",
                "indexes": [models.Index(fields=["party", "role", "explicit"], name="clauseparty_who_owes")],
                "constraints": [
                    accords.db.constraints.RowRule(
                        condition=models.Q(("role__in", ["obligor", "obligee", "affected"])),
                        field="role",
                        name="clauseparty_role_known",
                        told=False,
                    ),
                    models.UniqueConstraint(fields=("clause", "party", "role"), name="clauseparty_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Renewal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row was last changed: an RFC 3339 instant, UTC.",
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
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="When it falls due. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "due_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `due` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="due",
                        side="earliest",
                    ),
                ),
                (
                    "due_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `due` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="due",
                        side="latest",
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
                    "agreement",
                    models.ForeignKey(
                        help_text="The agreement.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="renewals",
                        to="accords.agreement",
                    ),
                ),
                (
                    "outcome",
                    models.ForeignKey(
                        blank=True,
                        help_text="The agreement that came of it, where it is another one.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcome_of",
                        to="accords.agreement",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["due_earliest", "id"], name="renewal_by_earliest"),
                    models.Index(fields=["due_latest", "id"], name="renewal_by_latest"),
                ],
                "constraints": [
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("kind__in", ["expiry", "renewal", "renegotiation", "notice_deadline", "review"])
                        ),
                        field="kind",
                        name="renewal_kind_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("basis__in", ["stated", "computed", "editorial"])),
                        field="basis",
                        name="renewal_basis_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("status__in", ["projected", "scheduled", "concluded", "missed"])),
                        field="status",
                        name="renewal_status_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("due"))),
                        field="due",
                        name="renewal_due_edtf",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("due"), models.F("due_earliest"), models.F("due_latest")
                            )
                        ),
                        field="due",
                        name="renewal_due_bounds",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("sequence__gte", 1)),
                        field="sequence",
                        name="renewal_sequence_from_one",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("outcome__isnull", True), ("status", "concluded"), _connector="OR"),
                        field="outcome",
                        name="renewal_outcome_concluded",
                        told=True,
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
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row was last changed: an RFC 3339 instant, UTC.",
                    ),
                ),
                (
                    "slug",
                    accords.db.fields.Slug(help_text="Short, stable name in URLs.", max_length=100, unique=True),
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
                    accords.db.fields.Sha256(
                        help_text="sha256 of the text in UTF-8, hexadecimal, so that anyone can check what was read.",
                        of="text",
                    ),
                ),
                (
                    "published",
                    accords.db.fields.Edtf(
                        blank=True,
                        default="",
                        help_text="When the text was published. EDTF (ISO 8601-2); blank = not stated.",
                        max_length=64,
                    ),
                ),
                (
                    "published_earliest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The earliest day that `published` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="published",
                        side="earliest",
                    ),
                ),
                (
                    "published_latest",
                    accords.db.fields.EdtfBound(
                        blank=True,
                        editable=False,
                        help_text="The latest day that `published` allows (ISO 8601 date); null where it sets no such bound.",
                        null=True,
                        of="published",
                        side="latest",
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
            ],
            options={
                "constraints": [
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            ("kind__in", ["article", "treaty_text", "official_record", "editorial_note"])
                        ),
                        field="kind",
                        name="source_kind_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(accords.db.constraints.IsEdtf(models.F("published"))),
                        field="published",
                        name="source_published_edtf",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            accords.db.constraints.BoundsAgree(
                                models.F("published"), models.F("published_earliest"), models.F("published_latest")
                            )
                        ),
                        field="published",
                        name="source_published_bounds",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("slug", ""), _negated=True),
                        field="slug",
                        name="source_slug_given",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("title", ""), _negated=True),
                        field="title",
                        name="source_title_given",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("language", ""), _negated=True),
                        field="language",
                        name="source_language_given",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("text", ""), _negated=True),
                        field="text",
                        name="source_text_given",
                        told=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row was last changed: an RFC 3339 instant, UTC.",
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
                    "agreement",
                    models.ForeignKey(
                        help_text="The agreement.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="statements",
                        to="accords.agreement",
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
                    ),
                ),
                (
                    "mentions",
                    models.ManyToManyField(
                        blank=True, help_text="Who is named in it.", related_name="mentioned_in", to="accords.party"
                    ),
                ),
                (
                    "speaker",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who says it; null where the source itself speaks.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="accords.party",
                    ),
                ),
            ],
            options={
                "constraints": [
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["announcement", "assertion", "denial", "characterization", "analysis", "outlook"],
                            )
                        ),
                        field="kind",
                        name="statement_kind_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("polarity__in", ["positive", "negative", "unknown"])),
                        field="polarity",
                        name="statement_polarity_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("certainty__in", ["certain", "probable", "possible", "unspecified"])),
                        field="certainty",
                        name="statement_certainty_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("number", ""), _negated=True),
                        field="number",
                        name="statement_number_given",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("proposition", ""), _negated=True),
                        field="proposition",
                        name="statement_proposition_given",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            models.Q(("kind", "denial"), _negated=True), ("polarity", "negative"), _connector="OR"
                        ),
                        field="polarity",
                        name="statement_denial_negative",
                        told=True,
                        violation_error_code="denial_not_negative",
                        violation_error_message="A denial is negative: the proposition says what is denied.",
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            models.Q(("kind", "denial"), _negated=True), ("clause__isnull", True), _connector="OR"
                        ),
                        field="clause",
                        name="statement_denial_no_clause",
                        told=True,
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
            name="Citation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, help_text="When the row was made: an RFC 3339 instant, UTC."
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_index=True,
                        help_text="When the row was last changed: an RFC 3339 instant, UTC.",
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
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        help_text="The agreement, where the claim is its own.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="citations",
                        to="accords.agreement",
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
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        help_text="The source that is quoted.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="citations",
                        to="accords.source",
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
                    ),
                ),
            ],
            options={
                "constraints": [
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            models.Q(
                                ("agreement__isnull", False),
                                ("clause__isnull", True),
                                ("statement__isnull", True),
                                ("event__isnull", True),
                                ("renewal__isnull", True),
                            ),
                            models.Q(
                                ("agreement__isnull", True),
                                ("clause__isnull", False),
                                ("statement__isnull", True),
                                ("event__isnull", True),
                                ("renewal__isnull", True),
                            ),
                            models.Q(
                                ("agreement__isnull", True),
                                ("clause__isnull", True),
                                ("statement__isnull", False),
                                ("event__isnull", True),
                                ("renewal__isnull", True),
                            ),
                            models.Q(
                                ("agreement__isnull", True),
                                ("clause__isnull", True),
                                ("statement__isnull", True),
                                ("event__isnull", False),
                                ("renewal__isnull", True),
                            ),
                            models.Q(
                                ("agreement__isnull", True),
                                ("clause__isnull", True),
                                ("statement__isnull", True),
                                ("event__isnull", True),
                                ("renewal__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        field="",
                        name="citation_one_target",
                        told=True,
                        violation_error_code="one_target",
                        violation_error_message="A citation supports exactly one row: an agreement, clause, statement, event or renewal.",
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("start__lt", models.F("end"))),
                        field="end",
                        name="citation_offsets_in_order",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(
                            django.db.models.lookups.Exact(
                                django.db.models.functions.text.Length(models.F("exact")),
                                django.db.models.expressions.CombinedExpression(
                                    models.F("end"), "-", models.F("start")
                                ),
                            )
                        ),
                        field="exact",
                        name="citation_offsets_fit_quote",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("exact", ""), _negated=True),
                        field="exact",
                        name="citation_exact_given",
                        told=False,
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
                ],
            },
        ),
    ]
