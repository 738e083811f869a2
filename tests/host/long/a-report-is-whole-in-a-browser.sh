#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# a-report-is-whole-in-a-browser.sh [DIRECTORY]: runs on the host. In Chromium, in a machine of its own, nothing of the page of igotchuu report has to be scrolled to from the side, on a
# telephone and on a desk, and it follows the browser's light or dark scheme. DIRECTORY gets the pictures, for a person to look at.
set -euo pipefail
cd "$(dirname "$0")/../../.."

pictures=${1-$(mktemp -d)}
[ $# -gt 0 ] || trap 'rm -rf "$pictures"' EXIT
mkdir -p "$pictures"
tools/machine run --with=chromium,python3-pil -- bash -s <<'MACHINE' | tar --extract --directory "$pictures"
set -euo pipefail
mkdir -p /etc/igotchuu/jobs /srv/d /tmp/pictures
now=$(date +%s)000000
for job in home 'Fotos & <Musik> der ganzen großen Familie, 1999 bis heute' server; do
    printf 'sources = ["/srv/d"]\nobjective-hours = 60\n' >"/etc/igotchuu/jobs/$job.toml"
    instance=$job
    [ "$job" = home ] || [ "$job" = server ] || instance=$(igotchuu report --json | jq --raw-output '.jobs[].instance' | grep '^Fotos')
    nights=${#job}
    echo '{"schema":1,"last_success":{"invocation_id":"1","started_usec":'"$now"',"ended_usec":'"$now"',"outcome":"success"}}' |
        /src/tests/system/made-history.py "$job" $((nights * nights % 400 + 20)) >"/var/lib/igotchuu/jobs/$instance.json"
done
printf 'sources = ["/srv/d"]\n' | tee /etc/igotchuu/jobs/new.toml >/etc/igotchuu/jobs/broken.toml
echo garbage >/var/lib/igotchuu/jobs/broken.json
igotchuu report --html /tmp/page.html 2>/dev/null && exit 1
# In a frame, since a window has a least width.
frame() { # WIDTH
    python3 - "$1" <<'PYTHON'
import html, sys
page = open("/tmp/page.html", encoding="utf-8").read()
print(f'''<!DOCTYPE html><body onload="frame = document.querySelector('iframe'); document.title =
frame.contentDocument.documentElement.scrollWidth + ' of ' + frame.contentWindow.innerWidth">
<iframe style="border: 0; width: {sys.argv[1]}px" srcdoc="{html.escape(page)}"></iframe>''')
PYTHON
}

browser() { chromium --headless --no-sandbox --disable-gpu --hide-scrollbars "$@" 2>/dev/null; }
for width in 390 1280; do
    frame $width >/tmp/frame.html
    title=$(browser --window-size=1400,900 --dump-dom file:///tmp/frame.html | grep --only-matching --perl-regexp '<title>\K[0-9]+ of [0-9]+')
    [ "$title" = "$width of $width" ] || { echo "in a window of $width the page is $title wide" >&2; exit 1; }
    for scheme in dark light; do
        number=$([ $scheme = dark ] && echo 0 || echo 1)
        browser --window-size=$width,2600 --blink-settings=preferredColorScheme=$number --screenshot=/tmp/pictures/$scheme-$width.png file:///tmp/page.html >/dev/null
        python3 - $scheme /tmp/pictures/$scheme-$width.png <<'PYTHON'
import sys, PIL.Image
ground = PIL.Image.open(sys.argv[2]).convert("L").getpixel((2, 2))
assert (ground < 64) == (sys.argv[1] == "dark"), f"{sys.argv[2]} has a ground of {ground}"
PYTHON
    done
done
tar --create --directory /tmp/pictures .
MACHINE
[ "$(find "$pictures" -name '*.png' | wc --lines)" -ge 4 ] || { echo 'there are no pictures'; exit 1; }
