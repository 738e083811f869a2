#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# validate: all faults of all files at once, each with file, line and column, each once, and 78; a file by its path, with its drop-ins; warnings are no faults. And show, units, schema.
. "$(dirname "$0")/stage.sh"

exits() { local expected=$1 status=0; shift; "$@" >"$stage/said" 2>"$stage/errors" || status=$?; [ $status = "$expected" ] || fail "$* exits with $status, not $expected: $(cat "$stage/said" "$stage/errors")"; }
told() { assert_says "$(cat "$stage/said")" "$1"; }

job sound <<<$'sources = ["/srv"]\n[timer]\nOnCalendar = "daily"'
exits 0 igotchuu validate
[ ! -s "$stage/said" ] || fail "sound files, and it says: $(cat "$stage/said")"

job one <<<$'sources = ["/srv"]\nexclud = []\nnested-max = -1\nrepositories = ["nsa"]'
job two <<<'sources = ['
repository nas <<<$'location = 3\n'
echo 'mail.too = ["root"]' >/etc/igotchuu/notify.toml
exits 78 igotchuu validate
for place in jobs/one.toml:2:1 jobs/one.toml:3:14 jobs/one.toml:4:17 jobs/two.toml:1: repositories/nas.toml:1:12 notify.toml:1:; do
    [ "$(grep --count --fixed-strings "/etc/igotchuu/$place" "$stage/said")" -ge 1 ] || fail "$place is not in: $(cat "$stage/said")"
done
[ -z "$(sort "$stage/said" | uniq --repeated)" ] || fail 'something is said twice'
told '"exclude"'
exits 0 igotchuu validate /etc/igotchuu/jobs/sound.toml
exits 78 igotchuu validate /etc/igotchuu/jobs/sound.toml /etc/igotchuu/jobs/one.toml
[ "$(wc --lines <"$stage/said")" = 3 ] || fail "of one file: $(cat "$stage/said")"
(cd /etc/igotchuu/repositories && exits 78 igotchuu validate nas.toml)
told repositories/nas.toml:1:12
mkdir /etc/igotchuu/jobs/sound.toml.d
echo 'exclude = "*.o"' >/etc/igotchuu/jobs/sound.toml.d/mine.toml
exits 78 igotchuu validate /etc/igotchuu/jobs/sound.toml.d/mine.toml
told sound.toml.d/mine.toml:1:
mkdir -p /run/igotchuu/jobs
mv /etc/igotchuu/jobs/sound.toml /run/igotchuu/jobs/ # a drop-in counts wherever the file lies
exits 78 igotchuu validate /etc/igotchuu/jobs/sound.toml.d/mine.toml
told sound.toml.d/mine.toml:1:
echo 'exclude = ["*.o"]' >/etc/igotchuu/jobs/sound.toml.d/mine.toml
exits 0 igotchuu validate /etc/igotchuu/jobs/sound.toml.d/mine.toml
echo 'exclude = "*.o"' >/etc/igotchuu/jobs/sound.toml.d/mine.toml
mv /run/igotchuu/jobs/sound.toml /etc/igotchuu/jobs/
exits 78 igotchuu validate --json
[ "$(jq '.faults | length' "$stage/said")" -ge 6 ] || fail "as JSON: $(cat "$stage/said")"
for file in /nowhere.toml /nowhere/notify.toml /nowhere/defaults.toml /etc/igotchuu/jobs/sound.toml.d/nowhere.toml; do
    exits 78 igotchuu validate $file
    told "$file: cannot be opened: No such file or directory"
done
mkdir "$stage/elsewhere"
echo 'exclud = []' >"$stage/elsewhere/defaults.toml"
echo 'mail.too = ["root"]' >"$stage/elsewhere/notify.toml"
for file in defaults notify; do
    exits 78 igotchuu validate "$stage/elsewhere/$file.toml"
    told "$stage/elsewhere/$file.toml:1:"
done
rm -r /etc/igotchuu/{jobs/one.toml,jobs/two.toml,repositories,notify.toml}

echo '- show'
echo 'exclude = ["*.o"]' >/etc/igotchuu/jobs/sound.toml.d/mine.toml
printf 'exclude-caches = true\n[timer]\nPersistent = false\nOnCalendar = "weekly"\n' >/etc/igotchuu/defaults.toml
exits 0 igotchuu show sound
spaceless=$(sed -E 's/  +/ /g' "$stage/said")
for line in 'sources = ["/srv"] # /etc/igotchuu/jobs/sound.toml:1' 'exclude = ["*.o"] # /etc/igotchuu/jobs/sound.toml.d/mine.toml:1' \
    'exclude-caches = true # /etc/igotchuu/defaults.toml:1' 'repositories = ["default"] # default'; do
    assert_says "$spaceless" "$line"
done
grep --quiet '^timer.OnCalendar = "daily" .*# /etc/igotchuu/jobs/sound.toml:' "$stage/said" || fail "$(cat "$stage/said")"
grep --quiet '^timer.Persistent = .*# /etc/igotchuu/defaults.toml:' "$stage/said" || fail "$(cat "$stage/said")"
exits 0 igotchuu show sound --json
[ "$(jq --raw-output '.settings[] | select(.key == "sources") | .value[0]' "$stage/said")" = /srv ] || fail "$(cat "$stage/said")"
exits 0 igotchuu show srv # a job without a file
told '"/srv"'

echo '- units: as the generator would write them, reloaded or not'
exits 0 igotchuu units sound
told '# /run/systemd/generator/igotchuu@sound.timer'
told '# /run/systemd/generator/igotchuu@sound.service.d/50-job.conf'
told 'SourcePath=/etc/igotchuu/jobs/sound.toml'
[ "$(grep --count --extended-regexp 'Next elapse|Iteration' "$stage/said")" -ge 5 ] || fail "no five times: $(cat "$stage/said")"
[ ! -e /run/systemd/generator/igotchuu@sound.timer ] || fail 'it was reloaded'
systemctl daemon-reload
for file in igotchuu@sound.timer igotchuu@sound.service.d/50-job.conf; do
    diff <(awk -v file="# /run/systemd/generator/$file" '$0 == file {on = 1; next} /^# \/run\/systemd\/generator\// {on = 0} on' "$stage/said" | grep --invert-match '^$' | sed '/^# the next five/,$d') \
        <(grep --invert-match '^$' "/run/systemd/generator/$file") || fail "$file is another"
done
[ -z "$(find /tmp -maxdepth 1 -name 'igotchuu-units.*')" ] || fail 'something is left in /tmp'

echo '- schema'
for kind in job repository notify; do
    exits 0 igotchuu schema $kind
    jq --exit-status '.properties | length > 2' "$stage/said" >/dev/null || fail "$kind: $(cat "$stage/said")"
done
exits 64 igotchuu schema jobs
