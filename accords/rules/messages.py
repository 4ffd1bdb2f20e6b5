"""English messages of the rules, which import no Django, in a form that callers can translate."""


class Message(str):
    """A string that remembers the template and parameters it was formatted from.

    `Message("%(n)s is too large", n=7)` equals "7 is too large". The template is the key in the catalogue of
    translations. A parameter that is itself a `Message` is translated too. Without parameters, `%` needs no escape.
    """

    template: str
    params: dict[str, object]

    def __new__(cls, template: str, **params: object) -> "Message":
        message = super().__new__(cls, template % params if params else template)
        message.template, message.params = template, params
        return message
