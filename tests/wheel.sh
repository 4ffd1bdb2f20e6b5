#!/usr/bin/env bash
# Install what `make dist` has made as docs/guide/production.md says, in an empty folder, and serve it from there.
#
#     make dist && bash tests/wheel.sh
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
unset DATABASE_URL SECRET_KEY ALLOWED_HOSTS DEBUG ENVIRONMENT PYTHONPATH DJANGO_SETTINGS_MODULE
export STATIC_FILES=hashed HOST=127.0.0.1 PORT
PORT=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; tail -20 "$work/log" >&2 || true; exit 1; }
get() { python3 -c 'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1], timeout=30).read())' "http://127.0.0.1:$PORT$1"; }

cp "$repository"/dist/* "$work"
cd "$work"
page=$repository/docs/guide/production.md
commands=$(sed -n '/^## Install a wheel/,/^## [^I]/ s/^\$ //p' "$page")
[ -n "$commands" ] || fail "The guide has no commands for the wheel."
while read -r command; do
  echo "\$ $command"
  eval "$command"
done <<<"$commands"
.venv/bin/python -m pip check
.venv/bin/accords load_deal

version=$(.venv/bin/accords --version)
version=${version#accords } version=${version%% *}
.venv/bin/python -m config.serve 2>"$work/log" &
server=$!
for _ in $(seq 240); do
  get /readyz >/dev/null 2>&1 && break
  kill -0 "$server" 2>/dev/null || fail "The server has ended."
  sleep 0.25
done
for path in / /guide/start /guide/production.env /agreements/us-china-rare-metals /api/v1/clauses /api/docs/ /admin/login/ \
  /static/web/site.css /llms.txt; do
  get "$path" >answer || fail "$path"
  echo "200 $path, $(wc -c <answer) bytes"
done
get "/api/schema/?format=json" | grep -q "\"version\": *\"$version\"" || fail "The schema names another version than $version."
grep -q "^## \[$version\]" "$repository/CHANGELOG.md" || fail "CHANGELOG.md has no section of $version."
tag=$(git -C "$repository" describe --exact-match --tags 2>/dev/null || true)
[ -z "$tag" ] || [ "$tag" = "v$version" ] || fail "The tag $tag is not v$version."

# Every package of the environment is in the SBOM with the version that is installed, and so is accords itself.
.venv/bin/python - sbom.cdx.json "$version" <<'PYTHON'
import json
import re
import sys
from importlib.metadata import distributions

with open(sys.argv[1]) as file:
    sbom = json.load(file)
version = sys.argv[2]
listed = {f"{part['name']} {part['version']}" for part in [*sbom["components"], sbom["metadata"]["component"]]}
installed = {f"{re.sub('[-_.]+', '-', package.name).lower()} {package.version}" for package in distributions()}
missing = {package for package in installed - listed if package.split()[0] not in ("pip", "setuptools")}
unhashed = [part["name"] for part in sbom["components"] if not part["externalReferences"][0]["hashes"]]
if missing or unhashed or f"accords {version}" not in listed:
    sys.exit(f"The SBOM lacks {missing}, and hashes of {unhashed}.")
print(f"SBOM: accords {version} and {len(sbom['components'])} packages, each with its hashes")
PYTHON
kill "$server" && wait "$server" || true
server=
! grep -nE 'Traceback|"level": ?"ERROR"' "$work/log" || fail "The log has errors."
