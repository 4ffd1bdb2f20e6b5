"""Form fields for numbers as people type them, with a decimal comma or point. For grouped digits the message asks.

They are text inputs: an input of `type="number"` silently drops a decimal comma and changes with the mouse wheel.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accords.admin.display import plain_number, suggestion

MAX_LENGTH = 64  # characters of a number
# What keyboards and word processors write for signs, separators and apostrophes.
ASCII_FORMS = {"−": "-", "﹣": "-", "－": "-", "＋": "+", "，": ",", "．": ".", "٫": ",", "٬": "'", "’": "'", "＇": "'"}
PLAIN = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)", re.ASCII)
THOUSAND_OR_DECIMALS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
GROUPED = re.compile(  # in threes or, in the Indian way, in twos and a last three: 12,34,567.89
    r"(?P<whole>[+-]?[1-9]\d{0,2}(?P<separator>[ '_.,])(?:\d{2,3}(?P=separator))*\d{3})"
    r"(?:(?!(?P=separator))[.,](?P<decimals>\d+))?",
    re.ASCII,
)


def parse_number(text: str, *, is_whole: bool = False) -> Decimal:
    """Return the number that was typed, in the digits of any script.

    Raises `ValidationError` for anything else, and if digits are grouped: its message proposes the number that may be
    meant. `1.234` is a thousand to some readers and a decimal to others; in a field for whole numbers only a thousand.
    """
    typed = "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else ASCII_FORMS.get(char, char) for char in text
    )
    typed = re.sub(r"^([+-]) ", r"\1", re.sub(r"\s", " ", typed.strip()))
    if len(typed) > MAX_LENGTH:
        raise ValidationError(_("Enter a number, such as 47 or 4.5."), code="invalid")
    if THOUSAND_OR_DECIMALS.fullmatch(typed) and not is_whole:
        # the added zero makes the decimal unambiguous
        thousand, decimals = re.sub("[+.,]", "", typed), typed.removeprefix("+").replace(",", ".") + "0"
        message = format_html(_("Did you mean {} or {}?"), suggestion(thousand), suggestion(decimals))
        raise ValidationError(message, code="grouped_digits")
    if grouped := GROUPED.fullmatch(typed):
        number = re.sub(r"[+ '_.,]", "", grouped["whole"]) + (f".{grouped['decimals']}" if grouped["decimals"] else "")
        message = format_html(_("Did you mean {}? Do not separate groups of digits."), suggestion(number))
        raise ValidationError(message, code="grouped_digits")
    if PLAIN.fullmatch(typed):
        return Decimal(typed.replace(",", "."))
    raise ValidationError(_("Enter a number, such as 47 or 4.5."), code="invalid")


class TypedDecimalField(forms.DecimalField):
    """A decimal that `parse_number` reads."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 12, "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        return parse_number(value) if isinstance(value, str) and value.strip() else super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """Show 57 for 57.0000, and 1.2340 for 1.234, which could be read as a thousand."""
        if not isinstance(value, Decimal):
            return value
        text = plain_number(value)
        return f"{text}0" if THOUSAND_OR_DECIMALS.fullmatch(text) else text


class TypedIntegerField(forms.IntegerField):
    """A whole number that `parse_number` reads."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 4, "autocomplete": "off", "class": "vIntegerField"})

    def to_python(self, value: Any) -> Any:
        if not (isinstance(value, str) and value.strip()):
            return super().to_python(value)
        number = parse_number(value, is_whole=True)
        if number != number.to_integral_value():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(int(number))
