#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuu report: charts, page and JSON of 0, 1 and 50 jobs and of a year; as root and as a user in the group, without the bus and restic; on wide, narrow and no
# terminals. A record that is broken is named, and no page takes the place of what is no file.
. "$(dirname "$0")/stage.sh"

tests=$(dirname "$0")
undo() { tmux kill-server; gpasswd --delete bob igotchuu; }
exits() { local expected=$1 status=0; shift; "$@" >"$stage/said" 2>"$stage/errors" || status=$?; [ $status = "$expected" ] || fail "$* exits with $status, not $expected: $(cat "$stage/said" "$stage/errors")"; }
said() { cat "$stage/said" "$stage/errors"; }
without_bus() { unshare --mount bash -c 'mount -t tmpfs none /run/dbus && mount --bind /dev/null /run/systemd/private && exec "$@"' _ "$@"; }
# It is XML, all elements are closed, and nothing in it leads elsewhere.
assert_page() {
    python3 - "$1" <<'PYTHON' || fail "$1 is no page: $(head --bytes=2000 "$1")"
import html.parser, sys, xml.etree.ElementTree
text = open(sys.argv[1], encoding="utf-8").read()
page = xml.etree.ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>"))
assert not [word for word in ("http", "<script", "url(", "@import") if word in text]
assert all(picture.get("role") == "img" and picture.get("aria-label") and picture.find("title") is not None for picture in page.iter("svg"))
assert {link.get("href")[1:] for link in page.iter("a")} <= {part.get("id") for part in page.iter("section")}
open_elements = []
class Parser(html.parser.HTMLParser):
    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "path"):
            open_elements.append(tag)
    def handle_endtag(self, tag):
        if tag not in ("meta", "path"):
            assert open_elements.pop() == tag, tag
Parser().feed(text)
assert not open_elements
PYTHON
}
widest() { awk '{ if (length > most) most = length } END { print most + 0 }' "$1"; }

echo '- no job'
export LC_ALL=C.UTF-8
exits 0 igotchuu report
assert_says "$(said)" 'There is no job yet'
exits 0 igotchuu report --html "$stage/none.html" --json
[ "$(jq --compact-output '[.schema, .jobs]' "$stage/said")" = '[1,[]]' ] || fail "$(said)"
assert_page "$stage/none.html"

echo '- one run, which the record has a day for'
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<<'echo "$summary"'
exits 0 igotchuu report d
assert_says "$(said)" 'd: there is no run yet'
systemctl start igotchuu@d
exits 0 igotchuu report
assert_says "$(said)" 'd: 1 run, 1 good; newest good backup '
exits 0 igotchuu report --json
[ "$(jq --compact-output '.jobs[0] | [.name, (.days | length), .days[0].good, .days[0].files, .history[0].repositories[0].name]' "$stage/said")" = '["d",1,1,1,"stand-in"]' ] || fail "$(said)"

echo '- a year of one job, and a job without a run'
"$tests/made-history.py" d 365 </var/lib/igotchuu/jobs/d.json >"$stage/year.json"
cp "$stage/year.json" /var/lib/igotchuu/jobs/d.json
job new <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
exits 0 strace --quiet --follow-forks --trace=execve --output="$stage/calls" igotchuu report
[ "$(grep --count execve "$stage/calls")" = 1 ] || fail "it starts other programs: $(cat "$stage/calls")"
assert_says "$(said)" 'a place is 7 days'
assert_says "$(said)" 'd: 360 runs, '
assert_says "$(said)" 'new: there is no run yet'
assert_says "$(said)" '█'
! grep --quiet $'\e' "$stage/said" || fail 'colours in a pipe'
[ "$(widest "$stage/said")" -le 80 ] || fail "too wide: $(said)"
LC_ALL=C exits 0 igotchuu report
! LC_ALL=C grep --quiet '[^ -~]' "$stage/said" || fail "this is no ASCII: $(said)"
exits 0 igotchuu report --html "$stage/year.html"
[ ! -s "$stage/said" ] || fail "$(said)"
assert_page "$stage/year.html"
assert_says "$(cat "$stage/year.html")" '<td class="bad">failed</td>'

echo '- terminals'
screen_of() { # COLUMNS [SETTING]
    tmux -f /dev/null set-option -s exit-empty off \; new-session -d -s report -x "$1" -y 40 "LC_ALL=C.UTF-8 ${2-} igotchuu report; cat"
    await 10 'the charts' eval 'tmux capture-pane -p -t report | grep --quiet waited'
    tmux capture-pane -p -e -t report
    tmux kill-session -t report
}
screen_of 120 >"$stage/wide"
grep --quiet $'\e\[31m' "$stage/wide" || fail "no failure is red: $(cat "$stage/wide")"
assert_says "$(cat "$stage/wide")" 'a place is 4 days'
screen_of 44 NO_COLOR=1 >"$stage/narrow"
! grep --quiet $'\e\[3[0-9]m' "$stage/narrow" || fail "colours in spite of NO_COLOR: $(cat "$stage/narrow")"
assert_says "$(cat "$stage/narrow")" 'a place is 20 days'

echo '- in the group, outside of it, without the bus'
user ada
user bob
gpasswd --add bob igotchuu >/dev/null
exits 0 igotchuu report
cp "$stage/said" "$stage/roots"
exits 0 without_bus runuser --user bob -- igotchuu report
diff "$stage/roots" "$stage/said" || fail 'who is in the group sees something else'
exits 1 runuser --user ada -- igotchuu report
assert_says "$(said)" 'cannot read /var/lib/igotchuu/jobs: Permission denied (what came of runs is for root and the group igotchuu to see)'

echo '- where a page goes'
[ "$(stat --format %a "$stage/year.html")" = 640 ] || fail "a new page has mode $(stat --format %a "$stage/year.html")"
chmod 644 "$stage/year.html"
exits 0 igotchuu report --html "$stage/year.html"
[ "$(stat --format %a "$stage/year.html")" = 644 ] || fail "a page that was there has mode $(stat --format %a "$stage/year.html")"
ln --symbolic /etc/passwd "$stage/link"
mkfifo "$stage/fifo"
for file in "$stage" "$stage/link" "$stage/fifo" /dev/null; do
    exits 1 igotchuu report --html "$file"
    assert_says "$(said)" "cannot write $file: it is "
done
exits 1 igotchuu report --html "$stage/nowhere/page"
assert_says "$(said)" "cannot write $stage/nowhere/page: No such file or directory"
exits 1 runuser --user bob -- igotchuu report --html /etc/page.html
assert_says "$(said)" 'cannot write /etc/page.html: Permission denied'
(ulimit -f 1 && trap '' XFSZ && exits 1 igotchuu report --html "$stage/year.html")
assert_page "$stage/year.html" # the one from before
[ "$(find "$stage" /etc -maxdepth 1 -name '.igotchuu-report*' | wc --lines)" = 0 ] || fail 'half a page is left'

echo '- a job whose file is gone, a record that is broken, odd names'
mv /etc/igotchuu/jobs/new.toml "$stage"
cp "$stage/year.json" /var/lib/igotchuu/jobs/new.json
jq --compact-output '.job = "new" | .file = "/etc/igotchuu/jobs/new.toml"' "$stage/year.json" >/var/lib/igotchuu/jobs/new.json
exits 0 igotchuu report
! grep --quiet '^new' "$stage/said" || fail "what is gone is still shown: $(said)"
exits 0 igotchuu report new
assert_says "$(said)" 'new: 360 runs, '
job '<b>&"it"' <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
echo '{"schema":1,' >/var/lib/igotchuu/jobs/broken.json
exits 1 igotchuu report --html "$stage/odd.html"
assert_says "$(said)" 'igotchuu: job broken: its record, /var/lib/igotchuu/jobs/broken.json, cannot be read: it is damaged'
assert_page "$stage/odd.html"
assert_says "$(cat "$stage/odd.html")" '&lt;b&gt;&amp;&quot;it&quot;'
exits 1 igotchuu report
assert_says "$(said)" 'd: 360 runs, '
exits 64 igotchuu report dd
assert_says "$(said)" 'igotchuu: there is no job "dd"'
rm /var/lib/igotchuu/jobs/broken.json

echo '- fifty jobs'
for ((number = 0; number < 50; number++)); do
    job "j$number" <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
    jq --compact-output ".job = \"j$number\" | .file = \"/etc/igotchuu/jobs/j$number.toml\"" "$stage/year.json" >"/var/lib/igotchuu/jobs/j$number.json"
done
exits 0 igotchuu report
[ "$(grep --count ': 360 runs, ' "$stage/said")" = 51 ] || fail "$(said)"
exits 0 igotchuu report --html "$stage/fifty.html"
assert_page "$stage/fifty.html"
[ "$(stat --format %s "$stage/fifty.html")" -lt 3000000 ] || fail 'fifty jobs make too large a page'
