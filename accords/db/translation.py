"""Translation of the messages that rules return and raise."""

from django.utils.translation import gettext

from accords.rules.messages import Message


def translate(message: str) -> str:
    """Return a message of the rules in the active language, with its parameters that are messages."""
    if not isinstance(message, Message) or not message.params:
        return gettext(message)
    params = {name: translate(value) if isinstance(value, Message) else value for name, value in message.params.items()}
    return gettext(message.template) % params
