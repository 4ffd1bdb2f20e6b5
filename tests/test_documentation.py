"""Links in the documentation lead to files that exist, and the glossary stays short."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\]\(([^)#\s]+)")
MAX_WORDS = 15


def test_every_link_leads_to_a_file() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in PAGES
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not link.startswith(("http://", "https://", "/")) and not (page.parent / link).exists()
    ]
    assert broken == []


def test_the_glossary_is_short() -> None:
    glossary = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Glossary")[2]
    assert 0 < len(re.findall(r"^\| (?!word|-)", glossary, re.MULTILINE)) <= MAX_WORDS
