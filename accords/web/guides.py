"""The guides of docs/guide: as pages, as Markdown, and listed in llms.txt."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import NamedTuple

from django.conf import settings
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = settings.FILES_DIR / "docs" / "guide"
NAMES = (
    *("start", "filters", "certain", "evidence", "pages-and-files", "mirror", "errors", "writing", "tokens"),
    *("versions", "production"),
)
HOST = "http://127.0.0.1:8000"  # in the examples; pages name the host that serves them
LANGUAGES = {"sh": "curl", "python": "Python", "ts": "TypeScript"}

markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


class Guide(NamedTuple):
    """A guide: its name in the address, its title, what the reader wants to do, its Markdown, and its page as HTML."""

    name: str
    title: str
    summary: str
    text: str
    html: SafeString


@cache
def guide(name: str) -> Guide:
    """Return the guide of a name of `NAMES`."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    title, summary, _ = text.removeprefix("# ").split("\n\n", 2)
    return Guide(name, title, " ".join(summary.split()), text, to_html(text))


def guides() -> list[Guide]:
    return [guide(name) for name in NAMES]


def served_from(text: str, host: str) -> str:
    """Return a guide's text or HTML with the host that serves it in the place of that of `make serve`."""
    return text.replace(HOST, host)


def inline_html(text: str) -> SafeString:
    """Return a line of Markdown as HTML, without a paragraph around it."""
    return mark_safe(markdown.renderInline(text))  # noqa: S308 - HTML in Markdown is escaped


def to_html(text: str) -> SafeString:
    """Return Markdown as HTML: headings have ids, links lead to pages, and the languages of an example are a group."""
    tokens = markdown.parse(text)
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slugify(tokens[position + 1].content))
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("href", re.sub(r"^([a-z-]+)\.md", r"/guide/\1", str(child.attrGet("href"))))
    rendered: list[Token] = []
    for is_code, adjacent in groupby(tokens, key=lambda token: token.type == "fence"):
        if is_code:
            rendered.append(Token("html_block", "", 0, content=example([*adjacent], len(rendered))))
        else:
            rendered += adjacent
    return mark_safe(markdown.renderer.render(rendered, markdown.options, {}))  # noqa: S308 - HTML in Markdown is escaped


def example(fences: Sequence[Token], number: int) -> SafeString:
    """Return adjacent blocks of code as HTML: a panel for each language, with the answer that follows it.

    An answer belongs to each language before it that has none yet. The first panel is open; they close each other.
    """
    panels: list[list[Token]] = []
    for fence in fences:
        waiting = [panel for panel in panels if len(panel) == 1 and panel[0].info in LANGUAGES]
        if fence.info in LANGUAGES or not waiting:
            panels.append([fence])
        else:
            for panel in waiting:
                panel.append(fence)
    code = "<pre><code>{}</code></pre>"
    blocks = [format_html_join("", code, ((token.content,) for token in panel)) for panel in panels]
    if len(panels) == 1:
        return blocks[0]
    return format_html_join(
        "",
        '<details name="example-{}"{}><summary>{}</summary>{}</details>',
        (
            (number, mark_safe(" open") if panel is panels[0] else "", LANGUAGES.get(panel[0].info, ""), block)
            for panel, block in zip(panels, blocks, strict=True)
        ),
    )
