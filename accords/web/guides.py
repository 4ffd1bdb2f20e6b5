"""The guides of docs/guide, which are served as pages and as Markdown and listed in llms.txt."""

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
HOST = "http://127.0.0.1:8000"  # of `make serve`, in the examples
LANGUAGES = {"sh": "curl", "python": "Python", "ts": "TypeScript"}  # of examples: Markdown info string and label

markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


class Guide(NamedTuple):
    """A guide: its name in the address, its title, its first paragraph, its Markdown, and its page as HTML."""

    name: str
    title: str
    summary: str
    text: str
    html: SafeString


@cache
def guide(name: str) -> Guide:
    """Return a guide by its name, one of `NAMES`."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    title, summary, _ = text.removeprefix("# ").split("\n\n", 2)
    return Guide(name, title, " ".join(summary.split()), text, to_html(text))


def guides() -> list[Guide]:
    return [guide(name) for name in NAMES]


def with_host(text: str, host: str) -> str:
    """Return a guide's text or HTML with the host that serves it instead of `HOST` in the examples."""
    return text.replace(HOST, host)


def inline_html(text: str) -> SafeString:
    """Return a line of Markdown as HTML, without a paragraph around it."""
    return mark_safe(markdown.renderInline(text))  # noqa: S308 - HTML in Markdown is escaped


def to_html(text: str) -> SafeString:
    """Return Markdown as HTML: headings have ids, links lead to pages, and an example has a panel for each language."""
    tokens = markdown.parse(text)
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slugify(tokens[index + 1].content))  # that of the heading's text
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("href", re.sub(r"^([a-z-]+)\.md", r"/guide/\1", str(child.attrGet("href"))))
    rendered: list[Token] = []
    for is_code, adjacent in groupby(tokens, key=lambda token: token.type == "fence"):
        if is_code:
            rendered.append(Token("html_block", "", 0, content=example_html([*adjacent], len(rendered))))
        else:
            rendered += adjacent
    return mark_safe(markdown.renderer.render(rendered, markdown.options, {}))  # noqa: S308 - HTML in Markdown is escaped


def example_html(fences: Sequence[Token], example_id: int) -> SafeString:
    """Return adjacent blocks of code as HTML: a panel for each language, with the response that follows it.

    A response belongs to each language before it that has none yet. The first panel is open, and opening another one
    closes it, because they share the `name` with `example_id`, which must be unique on the page.
    """
    panels: list[list[Token]] = []
    for fence in fences:
        without_response = [panel for panel in panels if len(panel) == 1 and panel[0].info in LANGUAGES]
        if fence.info in LANGUAGES or not without_response:
            panels.append([fence])
        else:
            for panel in without_response:
                panel.append(fence)
    code = "<pre><code>{}</code></pre>"
    blocks = [format_html_join("", code, ((token.content,) for token in panel)) for panel in panels]
    if len(panels) == 1:
        return blocks[0]
    return format_html_join(
        "",
        '<details name="example-{}"{}><summary>{}</summary>{}</details>',
        (
            (example_id, mark_safe(" open") if panel is panels[0] else "", LANGUAGES.get(panel[0].info, ""), block)
            for panel, block in zip(panels, blocks, strict=True)
        ),
    )
