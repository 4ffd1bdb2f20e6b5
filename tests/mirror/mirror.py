"""A mirror: a copy of the lists that follows the feed of changes, and its comparison with the lists."""

import json
from typing import Any

from accords.api.urls import RESOURCES
from tests.api.addresses import walk

DAY = "2026-11-01"


class Mirror:
    """The rows of every resource as a reader sees them, by id."""

    def __init__(self, client: Any, page_size: int = 200) -> None:
        self.client, self.page_size = client, page_size
        self.rows: dict[str, dict[int, Any]] = {name: {} for name in RESOURCES}
        self.cursors: dict[str, str] = {}
        self.entries = 0

    def begin(self) -> None:
        """Take the lists as files, each with the cursor that it shows."""
        for name in RESOURCES:
            on = {"on": DAY} if name in ("agreements", "renewals") else {}
            response = self.client.get(f"/api/v1/{name}.ndjson", on)
            assert response.status_code == 200, name
            text = b"".join(response) if response.streaming else response.content
            self.rows[name] = {row["id"]: row for row in map(json.loads, text.splitlines())}
            self.cursors[name] = response.headers["Accords-Cursor"]

    def follow(self) -> None:
        """Apply what has changed in each resource since the last time."""
        for name in RESOURCES:
            more: Any = True
            while more:
                page = self.page(f"changes/{name}", self.cursors.get(name))
                for entry in page["results"]:
                    self.apply(name, entry)
                self.cursors[name], more = page["cursor"], page["next"]

    def page(self, path: str, after: str | None) -> dict[str, Any]:
        on = {"on": DAY} if path in ("changes/agreements", "changes/renewals") else {}
        query = {"page_size": self.page_size, **on} | ({"after": after} if after else {})
        response = self.client.get(f"/api/v1/{path}", query)
        assert response.status_code == 200, response.content
        page: dict[str, Any] = response.json()
        return page

    def apply(self, name: str, entry: dict[str, Any]) -> None:
        self.entries += 1
        if entry["row"] is None:
            self.rows[name].pop(entry["id"], None)
        else:
            self.rows[name][entry["id"]] = entry["row"]

    def differences(self) -> list[str]:
        """Return which rows the mirror lacks, has too many of, or has otherwise than the lists."""
        found = []
        for name in RESOURCES:
            on = f"&on={DAY}" if name in ("agreements", "renewals") else ""
            listed = {row["id"]: row for row in walk(self.client, f"/api/v1/{name}?page_size=200{on}")}
            for pk in sorted(listed.keys() | self.rows[name].keys()):
                ours, theirs = self.rows[name].get(pk), listed.get(pk)
                if ours != theirs:
                    members = {key for key in (ours or {}) if theirs and ours and ours[key] != theirs[key]}
                    fault = "lacks" if ours is None else "left over" if theirs is None else f"stale {members}"
                    found.append(f"{name} {pk}: {fault}")
        return found
