"""Components of the OpenAPI document: enumerations with a name and a meaning for each value, and fields of our own."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.plumbing import ResolvedComponent

from accords.api.filters.filter_types import MAX_VALUES, ChoiceFilter, StrictFilter
from accords.api.serializers.base import MAX_NESTED, RowSerializer
from accords.vocabulary import BLANKS, Word, vocabulary_of

INT32 = 2**31 - 1


def register(registry: Any, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Register a component unless it is there, and return a reference to it."""
    component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name)
    registry.register_on_missing(component)
    return component.ref


def enumeration(description: str, meanings: Mapping[str, str], constants: list[str]) -> dict[str, Any]:
    """Return the schema of an enumeration, given the meaning of each value.

    `constants` name the values in generated clients (`x-enum-varnames`, `x-enum-descriptions` of OpenAPI Generator).
    """
    lines = [f"* `{value or '(blank)'}`: {meaning}" for value, meaning in meanings.items()]
    return {
        "type": "string",
        "enum": [*meanings],
        "description": "\n".join([description, "", *lines]),
        "x-enum-varnames": constants,
        "x-enum-descriptions": [*meanings.values()],
    }


def vocabulary_schema(vocabulary: type[Word]) -> dict[str, Any]:
    """Return the enumeration of a vocabulary, with a blank if its fields may be blank."""
    meanings = {
        word.value: f"{word.meaning} ({word.equivalents})" if word.equivalents else word.meaning for word in vocabulary
    }
    constants = [word.name for word in vocabulary]
    if vocabulary in BLANKS:
        meanings, constants = {"": BLANKS[vocabulary], **meanings}, ["BLANK", *constants]
    return enumeration(vocabulary.__doc__ or "", meanings, constants)


def named_values_schema(description: str, meanings: Mapping[str, str]) -> dict[str, Any]:
    """Return the enumeration of parameter values that are names of fields; `-due` is `due` in descending order."""
    constants = [f"{name[1:]}_DESCENDING" if name.startswith("-") else name for name in meanings]
    return enumeration(description, meanings, [constant.upper() for constant in constants])


class RowExtension(OpenApiSerializerExtension):
    """The schema of a row: a response has all members unless they are only in details, a request takes no others."""

    target_class = "accords.api.serializers.base.StrictModelSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        properties = schema["properties"]
        for name, definition in properties.items():
            if definition.get("maximum", 0) >= INT32:  # the limit of Django's field depends on the database
                definition["maximum"] = INT32
                definition.pop("format", None)
            # drf-spectacular describes a field with a pattern that may be blank as a choice of two: write one pattern.
            if [*definition.get("oneOf", [])][1:] == [{"type": "string", "maxLength": 0}]:
                text_schema = definition.pop("oneOf")[0]
                pattern = f"^(?:{text_schema['pattern'].strip('^$')})?$"
                properties[name] = text_schema | definition | {"pattern": pattern}
        if direction == "request":
            return schema | {"additionalProperties": False}
        hidden = self.target.hidden() if isinstance(self.target, RowSerializer) else frozenset()
        return schema | {"required": sorted(properties.keys() - hidden - {"expanded"})}


class ChoiceExtension(OpenApiSerializerFieldExtension):
    """The schema of a choice field: a reference to the component of its vocabulary."""

    target_class = "rest_framework.serializers.ChoiceField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        vocabulary = vocabulary_of(self.target.choices)
        return register(auto_schema.registry, vocabulary.__name__, vocabulary_schema(vocabulary))


class FilterExtension(DjangoFilterExtension):
    """The parameters of filters, from their own help text and schema."""

    target_class = "accords.api.filters.base.FilterBackend"
    priority = 1  # before the extension for its base class

    def resolve_filter_field(
        self, auto_schema: Any, model: type[Model], filterset_class: Any, field_name: str, filter_field: StrictFilter
    ) -> list[dict[str, Any]]:
        schema = filter_field.schema
        if isinstance(filter_field, ChoiceFilter):
            vocabulary = vocabulary_of(filter_field.words)
            schema = register(auto_schema.registry, vocabulary.__name__, vocabulary_schema(vocabulary))
            if vocabulary in BLANKS:
                schema = {"allOf": [schema], "minLength": 1}  # an empty parameter is an error
        if filter_field.takes_list:
            schema = {"type": "array", "items": schema, "minItems": 1, "maxItems": MAX_VALUES}
        is_repeatable = filter_field.lookup_expr != "in"
        return [query_parameter(field_name, filter_field.help_text, schema, explode=is_repeatable)]


def query_parameter(name: str, description: str, schema: dict[str, Any], explode: bool = False) -> dict[str, Any]:
    """Return an optional parameter of the query string. A list is separated by commas, or with `explode` repeated."""
    style = {"style": "form", "explode": explode} if schema.get("type") == "array" else {}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema} | style


class NestedListExtension(OpenApiSerializerFieldExtension):
    """The schema of a nested list: in a request with the number of rows that it may have."""

    target_class = "accords.api.serializers.base.NestedListSerializer"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        return schema | ({"maxItems": MAX_NESTED} if direction == "request" else {})


class ExpandedMemberExtension(OpenApiSerializerFieldExtension):
    """The member `expanded` of a row: in a response a reference to its component, in a request any object."""

    target_class = "accords.api.serializers.base.ExpandedSerializer"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        if direction == "request":
            return {"type": "object"}
        reference: dict[str, Any] = auto_schema.resolve_serializer(self.target, direction).ref
        return reference


class ExpandedExtension(OpenApiSerializerExtension):
    """The component `ClauseExpanded` and so on: no member is required, as each is there only if it is requested."""

    target_class = "accords.api.serializers.base.ExpandedSerializer"

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return f"{self.target.parent.Meta.model.__name__}Expanded"

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {key: value for key, value in schema.items() if key != "required"}


class UrlFieldExtension(OpenApiSerializerFieldExtension):
    """The schema of the address of a row."""

    target_class = "accords.api.serializers.base.UrlField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "format": "uri"}


class NumberExtension(OpenApiSerializerFieldExtension):
    """The schema of a decimal: a JSON number, in a request with its range."""

    target_class = "accords.api.serializers.fields.NumberField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        limit = 10 ** (self.target.max_digits - self.target.decimal_places)
        bounds = {"exclusiveMinimum": -limit, "exclusiveMaximum": limit}
        return {"type": "number"} | (bounds if direction == "request" else {})
