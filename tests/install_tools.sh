#!/bin/sh
# Installs what some tests look with: Chromium, Chinese fonts, LibreOffice, axe-core.
# Whatever cannot be installed here is said, and the tests that need it say so too.
set -u
missing=""
need_apt=""
command -v chromium >/dev/null 2>&1 || need_apt="$need_apt chromium"
fc-list 2>/dev/null | grep -qi 'Noto.*CJK' || need_apt="$need_apt fontconfig fonts-noto-cjk"
command -v soffice >/dev/null 2>&1 || need_apt="$need_apt libreoffice-writer-nogui libreoffice-calc-nogui"
command -v pdftoppm >/dev/null 2>&1 || need_apt="$need_apt poppler-utils"
if [ -n "$need_apt" ]; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    echo "installing:$need_apt"
    # shellcheck disable=SC2086
    if ! { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        $as_root apt-get install -y -qq --no-install-recommends $need_apt; } >/dev/null 2>&1; then
        missing="$missing$need_apt"
    fi
fi
if [ ! -f node_modules/axe-core/axe.min.js ]; then
    npm ci --silent --no-audit --no-fund >/dev/null 2>&1 || missing="$missing axe-core"
fi
[ -z "$missing" ] || echo "could not install:$missing (the tests that need them are skipped, with CI=true they fail)"
exit 0
