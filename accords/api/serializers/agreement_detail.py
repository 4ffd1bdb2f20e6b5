"""An agreement with its related rows."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accords.api.permissions import require_permission_to_publish
from accords.api.serializers.agreements import AgreementPartiesSerializer
from accords.api.serializers.base import STAMPS, Expandable, Shape, Values
from accords.api.serializers.citations import citations
from accords.api.serializers.clauses import ClauseSerializer
from accords.api.serializers.events import EventSerializer
from accords.api.serializers.renewals import RenewalSerializer
from accords.api.serializers.statements import StatementSerializer
from accords.models import Agreement
from accords.models.citations import MissingCitation, missing_citations

CITED = Shape(details=frozenset({"citations"}))


@extend_schema_serializer(component_name="Agreement")
class AgreementDetailSerializer(AgreementPartiesSerializer):
    """An agreement; in its detail with its clauses, renewals, events, statements and evidence."""

    clauses = Expandable(
        None, ClauseSerializer(many=True, read_only=True, shape=CITED), help_text="Its clauses, in order."
    )
    renewals = Expandable(
        None, RenewalSerializer(many=True, read_only=True, shape=CITED), help_text="Its renewal dates, earliest first."
    )
    events = Expandable(
        None, EventSerializer(many=True, read_only=True, shape=CITED), help_text="Its events, as numbered."
    )
    statements = Expandable(
        None,
        StatementSerializer(many=True, read_only=True, shape=CITED),
        help_text="What is said about it, as numbered.",
    )
    citations = citations()

    class Meta(AgreementPartiesSerializer.Meta):
        fields: Any = (
            *AgreementPartiesSerializer.Meta.fields[:-2],
            "clauses",
            "renewals",
            "events",
            "statements",
            *STAMPS,
            "citations",
        )

    def create_rows(self, many: list[Values]) -> list[Agreement]:
        """Create agreements. Raises unless those to be published have all citations and the user may publish them."""
        for values in many:
            self._require_permission_to_publish(False, values)
        agreements = super().create_rows(many)
        refuse_uncited({place: one for place, one in enumerate(agreements) if one.is_published})
        return agreements

    def update_rows(self, pairs: list[tuple[Any, Values]]) -> list[Agreement]:
        """Change agreements. Raises unless those to be published have all citations and the user may publish them.

        A published agreement can be changed although a claim has no citation.
        """
        drafts = {agreement.pk for agreement, _ in pairs if not agreement.is_published}
        for agreement, values in pairs:
            self._require_permission_to_publish(agreement.is_published, values)
        agreements = super().update_rows(pairs)
        refuse_uncited({place: one for place, one in enumerate(agreements) if one.is_published and one.pk in drafts})
        return agreements

    def _require_permission_to_publish(self, before: bool, values: Values) -> None:
        require_permission_to_publish(self.context["request"].user, before, values.get("is_published", before))


def refuse_uncited(agreements: dict[int, Agreement]) -> None:
    """Raise an error for each claim without a citation, by the place of its agreement among the rows written."""
    missing = missing_citations(agreements.values())
    errors = {
        str(place): {"is_published": [ErrorDetail(describe(one), "uncited") for one in missing[agreement.pk]]}
        for place, agreement in agreements.items()
        if missing[agreement.pk]
    }
    if errors:
        raise serializers.ValidationError(errors)


def describe(missing: MissingCitation) -> str:
    """Return a sentence about a claim without a citation: a field of the agreement, or a related row's address."""
    if missing.field:
        return f"The agreement cannot be published: no citation supports `{missing.field}`."
    address = f"/api/v1/{missing.row._meta.model_name}s/{missing.row.pk}"
    return f"The agreement cannot be published: no citation supports {address}."
