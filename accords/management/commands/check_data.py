"""`manage.py check_data`: find rows that break a rule which only triggers and transactions enforce."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db.models import F, OuterRef, Subquery

from accords.db.relation_triggers import ACYCLIC, SAME_AGREEMENT
from accords.models import Agreement, Citation, Clause, Renewal, Source, UsedSlug
from accords.models.slugs import RESOURCE_OF
from accords.rules.succession import reachable


class Command(BaseCommand):
    help = (
        "Find false quotes, cycles of relations, relations to rows of a wrong agreement, and slugs that another row "
        "had: the database refuses all of these today. Exits with status 1 if there are any."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        errors = 0
        checks = (
            false_quotes,
            cycles,
            cycles_of_succession,
            foreign_relations,
            modifications_without_amendment,
            reused_slugs,
        )
        for line in chain.from_iterable(check() for check in checks):
            self.stdout.write(line)
            errors += 1
        if errors:
            raise CommandError(f"{errors} rows are broken. Correct them in the admin or through the API.")
        self.stdout.write("No broken rows.")


def false_quotes() -> Iterator[str]:
    """Yield a line for each citation whose words are not in its source, and each source with a wrong hash."""
    for source in Source.objects.order_by("pk").iterator(chunk_size=20):
        if hashlib.sha256(source.text.encode()).hexdigest() != source.sha256:
            yield f"source {source.pk}: sha256 is not that of the text"
        for citation in Citation.objects.filter(source=source).order_by("pk"):
            before, after = source.text[: citation.start], source.text[citation.end :]
            is_in_place = source.text[citation.start : citation.end] == citation.exact
            if not (is_in_place and before.endswith(citation.prefix) and after.startswith(citation.suffix)):
                yield f"citation {citation.pk}: the source does not have this quote at {citation.start}–{citation.end}"


def cycles() -> Iterator[str]:
    """Yield a line for each row from which a relation leads back to it."""
    for table, columns in ACYCLIC.items():
        model = model_of(table)
        for column in columns:
            following = dict(model.objects.filter(**{f"{column}__isnull": False}).values_list("pk", column))
            for start in sorted(following):
                pk, seen = following[start], set()
                while pk in following and pk not in seen and pk != start:
                    seen.add(pk)
                    pk = following[pk]
                if pk == start:
                    yield f"{model._meta.verbose_name} {start}: {column.removesuffix('_id')} forms a cycle"


def cycles_of_succession() -> Iterator[str]:
    """Yield a line for each agreement that replaces itself through others, by `supersedes` and outcomes."""
    following: dict[int, set[int]] = defaultdict(set)
    superseding = Agreement.objects.filter(supersedes__isnull=False).values_list("supersedes", "pk")
    outcomes = Renewal.objects.exclude(outcome=None).exclude(outcome=F("agreement")).values_list("agreement", "outcome")
    for earlier, later in (*superseding, *outcomes):
        following[earlier].add(later)
    for start in sorted(following):
        if any(start in following[successor] for successor in reachable(start, following)):
            yield f"agreement {start}: supersedes and outcomes form a cycle"


def foreign_relations() -> Iterator[str]:
    """Yield a line for each relation to a row of another agreement."""
    for table, column in SAME_AGREEMENT:
        model, relation = model_of(table), column.removesuffix("_id")
        rows = model.objects.exclude(**{f"{relation}__agreement": F("agreement")}).filter(
            **{f"{column}__isnull": False}
        )
        for pk in rows.order_by("pk").values_list("pk", flat=True):
            yield f"{model._meta.verbose_name} {pk}: {relation} belongs to another agreement"


def modifications_without_amendment() -> Iterator[str]:
    """Yield a line for each clause that modifies a clause of an agreement that its own does not amend."""
    clauses = Clause.objects.filter(modifies__isnull=False).select_related("agreement", "modifies__agreement")
    for clause in clauses.order_by("pk"):
        if clause.modifies.agreement not in clause.agreement.amended():
            modified = clause.modifies.agreement_id
            problem = f"modifies is a clause of agreement {modified}, which its agreement does not amend"
            yield f"clause {clause.pk}: {problem}"


def reused_slugs() -> Iterator[str]:
    """Yield a line for each row with a slug that belongs to another row."""
    for table, resource in RESOURCE_OF.items():
        model = model_of(table)
        used_slugs = UsedSlug.objects.filter(resource=resource, slug=OuterRef("slug"))
        rows = model.objects.annotate(slug_owner=Subquery(used_slugs.values("row_id")))
        reused = rows.exclude(slug_owner=F("pk")).exclude(slug_owner=None).order_by("pk")
        for pk, slug_owner in reused.values_list("pk", "slug_owner"):
            yield f"{model._meta.verbose_name} {pk}: slug belongs to {model._meta.verbose_name} {slug_owner}"


def model_of(table: str) -> Any:
    """Return the model of a table."""
    return next(model for model in apps.get_models() if model._meta.db_table == table)
