"""Serializers of the consolidated text of an agreement on a day."""

from typing import Any

from rest_framework import serializers

from accords.api.serializers.clauses import ClauseSerializer
from accords.vocabulary import DateCertainty


class ConsolidatedClauseSerializer(serializers.Serializer[Any]):
    """A clause of the text, with the agreement that it comes from."""

    number = serializers.CharField(help_text="Its number in the text: that of the clause that it replaces, if it does.")
    agreement = serializers.CharField(help_text="The slug of the agreement that it comes from.")
    certainty = serializers.ChoiceField(
        choices=DateCertainty.choices,
        help_text="`certain` if it is part of the text under every reading of what sources state.",
    )
    clause = ClauseSerializer(help_text="The clause.")


class ConsolidatedSerializer(serializers.Serializer[Any]):
    """The text of an agreement on a day, clause by clause."""

    agreement = serializers.CharField(help_text="The agreement's slug.")
    on = serializers.DateField(help_text="The day.")
    certainty = serializers.ChoiceField(
        choices=DateCertainty.choices, help_text="`certain` if every reading of what sources state gives this text."
    )
    clauses = ConsolidatedClauseSerializer(many=True, help_text="The clauses, in order.")
