"""An agreement with its related rows."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accords.api.guarded import describe
from accords.api.permissions import require_permission_to_publish
from accords.api.serializers.agreements import AgreementPartiesSerializer
from accords.api.serializers.base import STAMPS, Expandable, Shape, Values
from accords.api.serializers.citations import CitedRowSerializer, citations
from accords.api.serializers.clauses import ClauseSerializer
from accords.api.serializers.events import EventSerializer
from accords.api.serializers.renewals import RenewalSerializer
from accords.api.serializers.statements import StatementSerializer
from accords.models import Agreement
from accords.models.citations import missing_citations

NOT_PUBLISHED = "The agreement cannot be published: no citation supports {}."
WORKING_COPY = "This is a working copy. Publish it with POST /api/v1/agreements/{slug}/publish."
CITED = Shape(details=frozenset({"citations"}))


@extend_schema_serializer(component_name="Agreement")
class AgreementDetailSerializer(CitedRowSerializer, AgreementPartiesSerializer):
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
        refuse_uncited({place: agreement for place, agreement in enumerate(agreements) if agreement.is_published})
        return agreements

    def update_rows(self, pairs: list[tuple[Any, Values]]) -> list[Agreement]:
        """Change agreements. Raises unless those to be published have all citations and the user may publish them."""
        drafts = {agreement.pk for agreement, _ in pairs if not agreement.is_published}
        errors: dict[str, Any] = {}
        for place, (agreement, values) in enumerate(pairs):
            self._require_permission_to_publish(agreement.is_published, values)
            if agreement.working_copy_of_id and values.get("is_published"):
                errors[str(place)] = {"is_published": [ErrorDetail(WORKING_COPY, "working_copy")]}
        if errors:
            raise serializers.ValidationError(errors)
        agreements = super().update_rows(pairs)
        refuse_uncited(
            {
                place: agreement
                for place, agreement in enumerate(agreements)
                if agreement.is_published and agreement.pk in drafts
            }
        )
        return agreements

    def _require_permission_to_publish(self, before: bool, values: Values) -> None:
        require_permission_to_publish(self.context["request"].user, before, values.get("is_published", before))


def refuse_uncited(agreements: dict[int, Agreement]) -> None:
    """Raise an error for each claim without a citation, by the place of its agreement among the rows written."""
    missing = missing_citations(agreements.values())
    errors = {
        str(place): {
            "is_published": [
                ErrorDetail(NOT_PUBLISHED.format(describe(claim)), "uncited") for claim in missing[agreement.pk]
            ]
        }
        for place, agreement in agreements.items()
        if missing[agreement.pk]
    }
    if errors:
        raise serializers.ValidationError(errors)
