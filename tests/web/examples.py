"""The examples of the guides: their code, the response that they show, and the response that they get."""

import io
import re
import subprocess
from contextlib import redirect_stdout
from typing import Any, NamedTuple

from accords.web.guides import HOST, LANGUAGES, guide

FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SLUG = "road-works"  # of the agreement that examples create
SEPARATOR = "--- next example ---"


class Example(NamedTuple):
    """A piece of code of a guide in a language of `LANGUAGES`, and the answer that the guide shows, if it shows one."""

    guide: str
    language: str
    code: str
    answer: str | None


def examples(name: str) -> list[Example]:
    """Return the examples of a guide. An answer belongs to each piece of code before it that has none yet."""
    found: list[Example] = []
    waiting: list[int] = []
    for language, content in FENCE.findall(guide(name).text):
        if language in LANGUAGES and (language != "sh" or content.startswith(("curl ", "etag="))):
            waiting.append(len(found))
            found.append(Example(name, language, content, None))
        elif language in ("json", "text"):
            for position in waiting:
                found[position] = found[position]._replace(answer=content)
            waiting = []
    return found


def run(language: str, found: list[Example], host: str, env: dict[str, str]) -> list[str]:
    """Return what each example of a language prints, run one after another against a server at `host`.

    Each language creates a row with another slug, because a slug is never given to a second row.
    """
    own_slug = f"{SLUG}-{language}"
    codes = [one.code.replace(HOST, host).replace(SLUG, own_slug) for one in found]
    if language == "python":
        printed = [run_python(code) for code in codes]
    else:
        program = ["bash", "-s"] if language == "sh" else ["node", "--input-type=module", "-"]
        mark = f'printf "\\n%s\\n" "{SEPARATOR}"\n' if language == "sh" else f'console.log("\\n{SEPARATOR}");\n'
        blocks = codes if language == "sh" else [f"{{\n{code}}}\n" for code in codes]
        done = subprocess.run(
            program, input=mark.join(blocks), capture_output=True, text=True, env=env, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        printed = done.stdout.split(f"\n{SEPARATOR}\n")
    return [text.replace(host, HOST).replace(own_slug, SLUG) for text in printed]


def run_python(code: str) -> str:
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(code, "example", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own example
    return printed.getvalue()


def differing(found: list[Example], printed: list[str], comparable: Any) -> list[tuple[Example, str]]:
    """Return the examples that print something else than their guide shows."""
    return [
        (one, text)
        for one, text in zip(found, printed, strict=True)
        if one.answer is not None and comparable(one.answer) != comparable(text)
    ]
