"""The serializer of an agreement with its related rows."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accords.api.guarded import describe_claim
from accords.api.permissions import require_permission_to_publish
from accords.api.serializers.agreements import AgreementPartiesSerializer
from accords.api.serializers.base import STAMPS, Expandable, Shape, Values
from accords.api.serializers.citations import CitedRowSerializer, citations_field
from accords.api.serializers.clauses import ClauseSerializer
from accords.api.serializers.events import EventSerializer
from accords.api.serializers.renewals import RenewalSerializer
from accords.api.serializers.statements import StatementSerializer
from accords.missing_citations import missing_citations
from accords.models import Agreement

NOT_PUBLISHED = "The agreement cannot be published: no citation supports {}."
CITED = Shape(details=frozenset({"citations"}))


@extend_schema_serializer(component_name="Agreement")
class AgreementDetailSerializer(CitedRowSerializer, AgreementPartiesSerializer):
    """An agreement; in details with its clauses, renewals, events, statements and citations."""

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
        help_text="Statements about it, as numbered.",
    )
    citations = citations_field()

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

    def create_rows(self, values_of_rows: list[Values]) -> list[Agreement]:
        """Create agreements.

        Raises `PermissionDenied` if some would be published and the user may not publish, `ValidationError` if these
        lack citations.
        """
        for values in values_of_rows:
            self._require_permission_to_publish(values, before=False)
        agreements = super().create_rows(values_of_rows)
        require_citations({index: agreement for index, agreement in enumerate(agreements) if agreement.is_published})
        return agreements

    def update_rows(self, pairs: list[tuple[Any, Values]]) -> list[Agreement]:
        """Change agreements.

        Raises `PermissionDenied` if some would be published or withdrawn and the user may not publish,
        `ValidationError` if those to be published lack citations.
        """
        draft_ids = {agreement.pk for agreement, _ in pairs if not agreement.is_published}
        for agreement, values in pairs:
            self._require_permission_to_publish(values, before=agreement.is_published)
        agreements = super().update_rows(pairs)
        require_citations(
            {
                index: agreement
                for index, agreement in enumerate(agreements)
                if agreement.is_published and agreement.pk in draft_ids
            }
        )
        return agreements

    def _require_permission_to_publish(self, values: Values, *, before: bool) -> None:
        """Raise `PermissionDenied` if the values change whether an agreement is published and the user may not."""
        require_permission_to_publish(self.context["request"].user, before, values.get("is_published", before))


def require_citations(agreements: dict[int, Agreement]) -> None:
    """Raise `ValidationError` for claims without a citation, by the index of their agreement among the rows written."""
    missing = missing_citations(agreements.values())
    errors = {
        str(index): {
            "is_published": [
                ErrorDetail(NOT_PUBLISHED.format(describe_claim(claim)), "uncited") for claim in missing[agreement.pk]
            ]
        }
        for index, agreement in agreements.items()
        if missing[agreement.pk]
    }
    if errors:
        raise serializers.ValidationError(errors)
