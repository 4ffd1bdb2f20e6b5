"""Sentences of the rules: English, and made so that whoever shows one can say it in another language."""


class Said(str):
    """English words that remember of what they are made: `Said("%(n)s is too many", n=7)` is "7 is too many".

    The template is what a catalogue of translations has. A part that is itself `Said` is translated with the whole;
    any other part is somebody's data and stays as it is. Without parts nothing is filled in, and `%` is a plain `%`.
    """

    template: str
    parts: dict[str, object]

    def __new__(cls, template: str, **parts: object) -> "Said":
        """Fill in the parts, and keep both."""
        said = super().__new__(cls, template % parts if parts else template)
        said.template, said.parts = template, parts
        return said
