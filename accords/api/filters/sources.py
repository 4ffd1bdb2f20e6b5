"""What can be asked of sources."""

from accords.api.filters.backend import filter_set
from accords.api.filters.kinds import PartKind, PatternKind, SlugKind, TextKind, WordKind
from accords.api.filters.parts import every_row, language, listed, searched, uncertain
from accords.api.filters.rows import RowKind
from accords.models import Agreement, Source
from accords.vocabulary import SourceKind

SourceFilterSet = filter_set(
    "SourceFilterSet",
    **listed(
        slug=SlugKind("us-china-article", help_text="The source's slug, in any case."),
        kind=WordKind(SourceKind, "kind", help_text="What sort of text it is."),
    ),
    **language(),
    agreement=RowKind(
        Agreement,
        ask="of_agreement",
        help_text="Sources that this agreement, or what hangs on it, cites.",
    ),
    sha256=PatternKind(r"[0-9a-f]{64}", "0" * 64, "sha256", help_text="The sha256 of the text, hexadecimal."),
    url=TextKind("url", help_text="Where it was published, to the letter."),
    publisher__icontains=PartKind(
        "publisher", help_text="Part of the publisher's name, whatever its case and accents."
    ),
    licence__icontains=PartKind("licence", help_text="Part of the licence, whatever its case and accents."),
    title__icontains=PartKind("title", help_text="Part of the title, whatever its case and accents."),
    **uncertain("published", "were published"),
    **searched(Source),
    **every_row(),
)
