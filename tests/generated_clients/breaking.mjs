// Print what the schema breaks of the one of the last release, a change on a line, as api-smart-diff classifies changes.
import { readFileSync } from "node:fs";
import { apiDiff } from "api-smart-diff";
import { parse } from "yaml";

const [released, current] = process.argv.slice(2, 4).map((path) => parse(readFileSync(path, "utf8")));
const found = new Map();
for (const change of apiDiff(released, current)) {
  if (change.type !== "breaking") continue;
  // One change of a component is found wherever the component is used: the shortest path stands for all of them.
  const place = change.path.join("/");
  const key = `${change.action} ${change.path.slice(-2).join("/")}`;
  if (!found.has(key) || place.length < found.get(key).length) found.set(key, place);
}
for (const [key, place] of [...found].sort()) console.log(key.split(" ")[0], place);
