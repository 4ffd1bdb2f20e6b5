#!/usr/bin/env bash
# Execute the commands of docs/guide/production.md, in order and in one shell, in a folder, on a PostgreSQL (DATABASE_URL,
# as tests/postgres.py gives it) and an nginx of its own. Only paths and ports differ from the page. systemd is not asked:
# its unit is checked, and its commands are run as it would run them.
#
#     python tests/postgres.py -- bash tests/production.sh
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
database=$DATABASE_URL
unset DATABASE_URL SECRET_KEY ALLOWED_HOSTS DEBUG ENVIRONMENT STATIC_FILES HOST PORT DJANGO_SETTINGS_MODULE
free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port) http=$(free_port) https=$(free_port)
chmod 755 "$work"
mkdir -p "$work"/{conf.d,ssl,systemd,tmp}

clean_up() {
  [ -s "$work/nginx.pid" ] && kill "$(cat "$work/nginx.pid")" 2>/dev/null || true
  [ -s "$work/accords.pid" ] && kill "$(cat "$work/accords.pid")" 2>/dev/null && wait || true
  rm -rf "$work"
}
trap clean_up EXIT
fail() { echo "FAILED: $*" >&2; tail -20 "$work/accords.log" >&2 || true; exit 1; }

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=accords.example -addext subjectAltName=DNS:accords.example \
  -keyout "$work/ssl/key.pem" -out "$work/ssl/certificate.pem" 2>/dev/null
cat >"$work/nginx.conf" <<CONF
pid $work/nginx.pid;
error_log stderr;
events {}
http { access_log off; client_body_temp_path $work/tmp; proxy_temp_path $work/tmp/proxy; include $work/conf.d/*.conf; }
CONF

# The paths and ports of this run in place of those in the page.
here() {
  sed -e "s#/srv/accords#$work/accords#g; s#/etc/systemd/system#$work/systemd#g; s#/etc/nginx/conf.d#$work/conf.d#g" \
    -e "s#/etc/ssl/accords#$work/ssl#g; s#server 127.0.0.1:8000#server 127.0.0.1:$port#" \
    -e "s#listen 80;#listen 127.0.0.1:$http;#; s#listen 443 ssl#listen 127.0.0.1:$https ssl#" \
    -e "s#^SECRET_KEY=.*#SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(64))')#" \
    -e "s#^DATABASE_URL=.*#DATABASE_URL=$database#" "$@"
}

# The commands of the page that would change this machine.
git() {
  case $1 in
    clone) command git clone --quiet "$repository" "$3" ;;
    pull) ! command git symbolic-ref --quiet HEAD >/dev/null || command git "$@" ;; # a checkout of a commit has no branch
    *) command git "$@" ;;
  esac
}
install() {
  command install "$@"
  here -i "${@: -1}"
  case ${@: -1} in *.env) printf 'PORT=%s\n' "$port" >>"${@: -1}" ;; esac
}
nginx() { command nginx -e stderr -c "$work/nginx.conf" "$@"; }
curl() {
  command curl --cacert "$work/ssl/certificate.pem" --connect-to "accords.example:443:127.0.0.1:$https" \
    --connect-to "accords.example:80:127.0.0.1:$http" --connect-to "127.0.0.1:8000:127.0.0.1:$port" "$@"
}
unit() { sed -n "s/^$1=//p" "$work/systemd/accords.service"; }
ready() {
  local tries
  for tries in $(seq 240); do
    [ "$(command curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/readyz")" = 200 ] && return
    sleep 0.25
  done
  fail "The server is not ready."
}
start() {
  (cd "$(unit WorkingDirectory)" &&
    exec env -i PATH="$PATH" $(grep -v '^#' "$(unit EnvironmentFile)") $(unit ExecStart)) >>"$work/accords.log" 2>&1 &
  echo $! >"$work/accords.pid"
}
systemctl() {
  case "$*" in
    daemon-reload) ! command -v systemd-analyze >/dev/null || systemd-analyze verify "$work/systemd/accords.service" 2>&1 | here ;;
    "enable --now accords") start && ready ;;
    "reload accords") MAINPID=$(cat "$work/accords.pid") && eval "$(unit ExecReload)" && sleep 8 && ready ;;
    "reload nginx") nginx ;;
    *) fail "systemctl $* is not known here." ;;
  esac
}

# The blocks of the page become functions of this shell, so that something can be tried between them.
page=$repository/docs/guide/production.md
blocks=$(grep -c '^```sh$' "$page")
for number in $(seq "$blocks"); do
  code=$(awk -v wanted="$number" '/^```sh$/ { block++; inside = 1; next } /^```$/ { inside = 0 } inside && block == wanted' "$page" | here)
  eval "block_$number() { :; $code
}"
  declare "code_$number=$code"
done
run() {
  local number=$1 code=code_$1
  printf '%s\n' "${!code}" | sed "s#$work#…#g; s/^/\$ /"
  "block_$number"
}
status() { curl -s -o /dev/null -w '%{http_code}' "$@"; }

[ "$blocks" -eq 8 ] || fail "The page has $blocks blocks of commands; this script knows 8."
run 1
run 2
echo "# a start before the release is prepared"
install -m 644 docs/guide/accords.service "$work/systemd/accords.service"
start
wait "$(cat "$work/accords.pid")" && fail "It started."
grep -q "The database is not migrated. Run manage.py prepare_release." "$work/accords.log" || fail "It does not say why."
tail -1 "$work/accords.log"
run 3
echo "# a start without the static files"
mv var/static var/elsewhere
start
wait "$(cat "$work/accords.pid")" && fail "It started."
tail -1 "$work/accords.log"
mv var/elsewhere var/static
.venv/bin/python manage.py load_deal
run 4
run 5
run 6
echo "# all pages, through nginx"
for path in / /guide/start /agreements/us-china-rare-metals /api/v1/agreements /api/docs/ /api/schema/ /admin/login/ /static/web/site.css; do
  found=$(status "https://accords.example$path")
  echo "$found $path"
  [ "$found" = 200 ] || fail "$path is $found."
done
[ "$(status http://accords.example/)" = 301 ] || fail "HTTP is not redirected."
[ "$(status https://accords.example/readyz)" = 404 ] || fail "/readyz is open to the outside."
run 7
[ "$(status https://accords.example/admin/login/)" = 200 ] || fail "It does not serve after the reload."
run 8
[ "$(status https://accords.example/api/v1/clauses)" = 200 ] || fail "It does not serve with limits of the role."
! grep -v '^{"time":' "$work/accords.log" || fail "Not every line of the log is JSON."
pid=$(cat "$work/accords.pid")
kill -TERM "$pid" && wait "$pid" && echo "The server has stopped."
