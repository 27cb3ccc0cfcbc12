#!/bin/sh
# Installs a wheel into an empty environment, in an empty folder, and asks it a question:
# a wheel without its guides, templates, migrations or calendars fails here.
set -eu
wheel=$(realpath "$1")
lock=$(realpath "$(dirname "$0")/../requirements.lock")
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
"${PYTHON:-python3.11}" -m venv "$room/env"
"$room/env/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$lock"
"$room/env/bin/pip" install --quiet --disable-pip-version-check --no-deps "$wheel"
cd "$room"
answer=$("$room/env/bin/zixun" ask --json 申请信息公开要多久答复)
echo "$answer" | grep -q '20个工作日' || { echo "the wheel does not answer: $answer" >&2; exit 1; }
echo "$answer" | grep -q '第三十三条' || { echo "the answer names no basis: $answer" >&2; exit 1; }
"$room/env/bin/zixun" kb lint
"$room/env/bin/zixun" deadline --from 2026-11-23 --days 20 | grep -q '2026-12-21\|12月21日'
"$room/env/bin/zixun" export --month "$(date +%Y-%m)" --output "$room/month.xlsx"
"$room/env/bin/zixun" report --year "$(date +%Y)" --output "$room/section.docx"
ZIXUN_PORT=0 "$room/env/bin/zixun" serve >"$room/serve.txt" 2>"$room/log.txt" &
served=$!
for _ in $(seq 150); do
    address=$(grep -o 'http://localhost:[0-9]*' "$room/serve.txt" | head -1) || true
    [ -n "${address:-}" ] && break
    sleep 0.2
done
"$room/env/bin/python" - "$address" <<'PAGE'
import sys
import urllib.request

page = urllib.request.urlopen(sys.argv[1] + "/", timeout=10).read().decode()
assert "咨询" in page, page[:300]
for path in ("/static/style.css", "/forms/application-person.docx", "/openapi.json"):
    assert urllib.request.urlopen(sys.argv[1] + path, timeout=10).status == 200, path
PAGE
kill -TERM "$served"
wait "$served"
echo "the wheel answers, exports, reports, serves, and stops cleanly"
