"""An agreement with all that hangs on it."""

from typing import Any

from accords.api.serializers.agreements import AgreementPartiesSerializer
from accords.api.serializers.base import STAMPS, Either, Shape
from accords.api.serializers.citations import citations
from accords.api.serializers.hanging import ClauseSerializer, EventSerializer, RenewalSerializer, StatementSerializer

CITED = Shape(expand=frozenset({"citations"}))


class AgreementSerializer(AgreementPartiesSerializer):
    """An agreement; in its detail, or when expanded, with its clauses, renewals, events, statements and evidence."""

    clauses = Either(None, ClauseSerializer(many=True, shape=CITED), help_text="Its clauses, in order.")
    renewals = Either(None, RenewalSerializer(many=True, shape=CITED), help_text="Its renewal dates, earliest first.")
    events = Either(None, EventSerializer(many=True, shape=CITED), help_text="Its events, as numbered.")
    statements = Either(
        None, StatementSerializer(many=True, shape=CITED), help_text="What is said about it, as numbered."
    )
    citations = citations()

    class Meta(AgreementPartiesSerializer.Meta):
        nested = ("parties", "citations")
        fields: Any = (
            *AgreementPartiesSerializer.Meta.fields[:-2],
            "clauses",
            "renewals",
            "events",
            "statements",
            *STAMPS,
            "citations",
        )
