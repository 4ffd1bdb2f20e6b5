"""The calls in the README answer as it shows."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.clients import Client

README = Path(__file__).parent.parent / "README.md"
HOST = "127.0.0.1:8000"
SHOWN = re.findall(
    rf"^\$ curl 'http://{HOST}(/[^']+)'\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


def shortened(value: Any) -> Any:
    """Return an answer without the list of known names and without ids, which differ each time."""
    text = re.sub(r"Known: [^\"]*", "Known: …", json.dumps(value))
    text = re.sub(r'"request_id": "[0-9a-f]{16}"', '"request_id": ""', text)
    return json.loads(re.sub(r'("id": |/v1/[a-z]+/)\d+', r"\g<1>0", text))


@pytest.mark.django_db
@pytest.mark.usefixtures("deal")
@pytest.mark.parametrize(("address", "answer"), SHOWN, ids=[address for address, _ in SHOWN])
def test_each_call_answers_as_shown(client: Client, address: str, answer: str) -> None:
    assert shortened(client.get(address, SERVER_NAME="127.0.0.1", SERVER_PORT="8000").json()) == shortened(
        json.loads(answer)
    )


def test_there_are_five() -> None:
    assert len(SHOWN) == 5
