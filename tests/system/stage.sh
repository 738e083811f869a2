# SPDX-License-Identifier: MIT
# The stage that system tests and the demo play on, inside the machine: a btrfs in a loop file, real files, waiting for events, comparing.
# Source it first. It cleans up at the end, and shows what matters when the test fails.
set -euo pipefail

stage=/var/tmp/stage
restic_repository=/var/lib/igotchuu/repository
mkdir -p "$stage"

# What failed is said at once, and again at the end: no more than that may be left of a long log.
fail() { printf 'FAILED: %s\n' "$*" | tee -a /var/tmp/failed >&2; exit 1; }
unexpected() { printf 'FAILED: line %s of %s: %s\n' "$1" "$2" "$3" >>/var/tmp/failed; }

# Each backup looks at everything, but in a test of what is left undone.
each_backup_is_whole() { mkdir -p /etc/igotchuu && echo 'full-every-days = 0' >/etc/igotchuu/defaults.toml; }
if [ ! -e /etc/igotchuu/defaults.toml ]; then
    each_backup_is_whole
    systemctl daemon-reload
fi

# new_btrfs TOP [MIB]: an empty btrfs, its top level mounted on TOP.
new_btrfs() {
    local image=$stage/$(systemd-escape "$1").btrfs
    truncate --size "${2:-600}M" "$image"
    mkfs.btrfs --quiet --force "$image"
    mkdir -p "$1"
    mount -o loop,subvolid=5 "$image" "$1"
}

# new_source TOP NAME PATH: a subvolume of the btrfs at TOP, mounted on PATH.
new_source() {
    btrfs --quiet subvolume create "$1/$2"
    mkdir -p "$3"
    mount -o "subvol=$2" "$(findmnt --noheadings --output SOURCE --nofsroot --first-only "$1")" "$3"
}

# fill DIR [few]: a few thousand real files (not with "few"), and of each odd kind one: links, hard links, sparse, xattr, ACL, owners, modes, FIFO, names.
fill() {
    mkdir -p "$1/alice/Documents" "$1/bob"
    if [ "${2-}" != few ]; then
        cp -r --preserve=mode,timestamps /usr/include "$1/alice/Documents/include"
        cp -r --preserve=mode,timestamps /usr/share/perl "$1/bob/perl"
    fi
    printf 'first\n' >"$1/alice/note.txt"
    ln "$1/alice/note.txt" "$1/alice/hard link.txt"
    ln -s note.txt "$1/alice/soft link"
    ln -s /nowhere "$1/alice/dangling"
    truncate --size 64M "$1/alice/sparse.img"
    printf 'end' | dd of="$1/alice/sparse.img" bs=1 seek=40000000 conv=notrunc status=none
    setfattr --name user.colour --value blue "$1/alice/note.txt"
    setfacl --modify user:nobody:r "$1/alice/note.txt"
    mkfifo "$1/alice/fifo"
    printf x >"$1/alice/"$'new\nline'
    printf x >"$1/alice/"$'latin-1 caf\xe9'
    printf x >"$1/alice/"' leading and trailing '
    printf x >"$1/alice/--option"
    printf x >"$1/alice/"'[brackets] *? $HOME %h \x2d "quoted" ü 🦀'
    printf secret >"$1/alice/private" && chmod 0600 "$1/alice/private"
    printf x >"$1/alice/suid" && chmod 4755 "$1/alice/suid"
    mkdir -m 0700 "$1/alice/empty directory"
    chown -R --no-dereference 1000:1000 "$1/alice"
    chown -R --no-dereference 1001:1001 "$1/bob"
    chmod 4755 "$1/alice/suid"
    touch --date '2001-02-03 04:05:06.789012345' "$1/alice/note.txt"
}

# What runs of a backup. What waits for an absent disk does not belong to one; a zombie has ended: PID 1 tells of that before it takes it away.
processes() { { ps --no-headers -C restic,igotchuu-exec,setpriv -o pid,stat,args || true; } | awk '$2 !~ /^Z/ && !/igotchuu-exec pending --watch/'; }
# A line for everything of the host's that igotchuu must leave as it was.
host() {
    findmnt --noheadings --raw --output TARGET,SOURCE,FSTYPE,OPTIONS | # but logind's, of who was logged in a while ago, and those of systemd's own services
        grep --invert-match --extended-regexp '^/run/(user/|credentials/systemd-)' | sort
    { findmnt --noheadings --list --types btrfs --options subvolid=5 --output TARGET || true; } | while read -r top; do
        btrfs subvolume list "$top" | awk '{print $2, $NF}' | sort
    done
    processes
    find /run/igotchuu/state /run/igotchuu/scratch -mindepth 1
}
remember_host() { host >"$stage/host.before"; }
assert_host_as_before() { diff "$stage/host.before" <(host) >&2 || fail "the host is not as it was"; }

# await SECONDS DESCRIPTION COMMAND…: until COMMAND succeeds.
await() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        ((SECONDS < end)) || fail "waited in vain for $what"
        sleep 0.01
    done
}
# In each second one backup at most: restic knows of a snapshot's time no more than that.
next_second() {
    local now
    now=$(date +%s)
    await 5 'the next second' eval "[ \$(date +%s) -gt $now ]"
}
phase_is() { [ "$(jq --raw-output .phase "/run/igotchuu/state/$1.json" 2>/dev/null)" = "$2" ]; }
wait_for_phase() { await 30 "phase $2 of $1" phase_is "$1" "$2"; }
state_is() { [ "$(systemctl show --property ActiveState --value "$1")" = "$2" ]; }
wait_for_state() { await 60 "$1 to be $2" state_is "$1" "$2"; }

# last INSTANCE FILTER: of the last run's record.
last() { jq --raw-output ".history[0] | $2" "/var/lib/igotchuu/jobs/$1.json"; }
# Its snapshot in its first repository: of two of the same second restic's "latest" is either.
newest() { last "$1" '.repositories[0].summary.snapshot_id'; }
assert_outcome() {
    local outcome
    outcome=$(last "$1" .outcome)
    [ "$outcome" = "$2" ] || fail "the outcome of $1 is $outcome, not $2: $(last "$1" .message)"
}
exit_status() { systemctl show --property ExecMainStatus --value "$1"; }
assert_exit() { [ "$(exit_status "$1")" = "$2" ] || fail "$1 exited with $(exit_status "$1"), not $2"; }
assert_says() { grep --quiet --fixed-strings -- "$2" <<<"$1" || fail "\"$2\" is not said in: $1"; }
journal_of() { journalctl --quiet --output cat --unit "$1" --since "@$stage_began"; }

# job NAME <<TOML / repository NAME <<TOML: writes the file.
job() { mkdir -p /etc/igotchuu/jobs && cat >"/etc/igotchuu/jobs/$1.toml"; }
repository() { mkdir -p /etc/igotchuu/repositories && cat >"/etc/igotchuu/repositories/$1.toml"; }
# seen REPOSITORY: it was there once, as its record says after an init or a maintenance.
seen() { printf '{"schema":1,"repository":"%s","file":"/etc/igotchuu/repositories/%s.toml"}' "$1" "$1" >"/var/lib/igotchuu/repositories/$1.json"; }
reload() {
    systemctl daemon-reload && systemctl start timers.target
    await 30 'the check of the units' eval '! state_is igotchuu-verify.service activating'
}

# The looks that good backups of jobs with an objective begin, to their end.
no_look() { [ -z "$(systemctl list-units --no-legend --state=activating 'igotchuu-fresh@*'; systemctl list-jobs --no-legend 'igotchuu-fresh@*')" ]; }
await_looks() { await 60 'the looks after the backups' no_look; }

# cheap_repository NAME: a repository in /srv/cheap/NAME with a key that opens in no time, and its file. on_r COMMAND…: restic on the one of the name r.
cheap_repository() {
    mkdir -p "/srv/cheap/$1" /etc/igotchuu
    (umask 0077 && echo "key of $1" >"/etc/igotchuu/$1.key")
    restic --quiet --no-cache --repo "/srv/cheap/$1" --password-file "/etc/igotchuu/$1.key" init
    "$(dirname "${BASH_SOURCE[0]}")/cheap-key.py" "/srv/cheap/$1" "/etc/igotchuu/$1.key"
    printf 'location = "/srv/cheap/%s"\npassword-file = "/etc/igotchuu/%s.key"\n' "$1" "$1" | repository "$1"
}
on_r() { restic --quiet --no-cache --repo /srv/cheap/r --password-file /etc/igotchuu/r.key "$@"; }

# stand_in <<SH: restic is this shell script from here on, for the units, too. It runs for `restic backup`; $summary is a sound one, whose snapshot is
# in the repository "stand-in"; $here is that repository, for what the test wants to know. Job "d" backs up /srv/d to it.
stand_in() {
    local id
    id=$(printf '%064d' 7)
    umount --quiet /usr/bin/restic || true
    mkdir -p /srv/stand-in/snapshots
    touch "/srv/stand-in/snapshots/$id"
    (umask 0077 && echo key >/srv/stand-in/key)
    {
        cat <<EOT
#!/bin/sh -p
case \$1 in version) echo 'restic 0.18.0 compiled with go1.24'; exit ;; features) exit ;; esac
here=/srv/stand-in
summary='{"message_type":"summary","files_new":1,"total_files_processed":1,"snapshot_id":"$id"}'
EOT
        cat
    } | install -m 0755 /dev/stdin "$stage/restic"
    mount --bind "$stage/restic" /usr/bin/restic
    repository stand-in <<<$'location = "/srv/stand-in"\npassword-file = "/srv/stand-in/key"'
    job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
    reload
    systemctl start igotchuu-verify # it runs by itself now, as a process of ours: to its end
}
# held_at WORD / let_go: from here on the real restic waits when it is started with that word among its arguments, for the units, too; until it may go on.
held_at() {
    umount --quiet /usr/bin/restic || true
    mkdir -p /srv/held
    [ -e /srv/held/restic ] || { cp /usr/bin/restic /srv/held/restic && mkfifo /srv/held/go; }
    install -m 0755 /dev/stdin "$stage/held" <<SH
#!/bin/sh -p
for word; do [ "\$word" != $1 ] || { read -r line </srv/held/go; break; }; done
exec /srv/held/restic "\$@"
SH
    mount --bind "$stage/held" /usr/bin/restic
}
let_go() {
    umount --lazy /usr/bin/restic
    echo >/srv/held/go
}
# admin <<UNIT: the drop-in that the admin has for job "d".
admin() {
    mkdir -p /etc/systemd/system/igotchuu@d.service.d
    cat >/etc/systemd/system/igotchuu@d.service.d/60-admin.conf
    systemctl daemon-reload
}

# unplugged: a laptop on its battery, until /sys/class/power_supply is unmounted.
unplugged() {
    mount -t tmpfs tmpfs /sys/class/power_supply && mkdir /sys/class/power_supply/BAT0
    echo Battery >/sys/class/power_supply/BAT0/type
    echo Discharging >/sys/class/power_supply/BAT0/status
}

# user NAME: a person of this machine; another test may have left her.
user() { id "$1" >/dev/null 2>&1 || useradd --create-home "$1"; }

# listen / heard [INSTANCE…]: from here on, what igotchuu says on the bus; what that comes to (listen.py).
listen() {
    rm -f "$stage/heard"
    "$(dirname "${BASH_SOURCE[0]}")/listen.py" >"$stage/heard" &
    await 10 'the listener' grep --quiet --no-messages ready "$stage/heard"
}
heard() { "$(dirname "${BASH_SOURCE[0]}")/listen.py" check "$stage/heard" "$@"; }
assert_heard() {
    local expected=$1
    shift
    [ "$(heard "$@")" = "$expected" ] || { cut --characters=1-200 "$stage/heard" >&2; fail "heard: $(heard "$@"), instead of: $expected"; }
}
count_heard() { grep --count "\"$1\"" "$stage/heard" || true; }
heard_at_least() { [ "$(count_heard "$1")" -ge "$2" ]; }

# maintained NAME [PATH]: a repository at PATH (/srv/NAME) with a cheap key, whose data is read in four parts. restic_usb is restic on that called "usb".
maintained() {
    local path=${2-/srv/$1}
    local password=/etc/igotchuu/password # not in /var/tmp: the units have one of their own
    install -D -m 0600 /dev/stdin $password <<<secret
    rm -rf "$path" # another test's
    restic --quiet --no-cache --repo "$path" --password-file $password init
    "$(dirname "${BASH_SOURCE[0]}")/cheap-key.py" "$path" $password
    repository "$1" <<EOT
location = "$path"
password-file = "$password"
[maintenance]
check-subset = "25%"
EOT
    eval "restic_$1() { restic --quiet --no-cache --repo '$path' --password-file $password \"\$@\"; }"
    reload
}
last_maintenance() { jq --raw-output ".history[0] | $2" "/var/lib/igotchuu/repositories/$1.json"; }
# throttle NAME up|down KIB / unthrottle NAME: the data of that repository goes so slowly, though it is local, and all of it is read by a maintenance.
throttle() {
    unthrottle "$1"
    sed --in-place "1i limit-${2}load = $3" "/etc/igotchuu/repositories/$1.toml"
    reload
}
unthrottle() {
    sed --in-place '/^limit-/d; s/^check-subset.*/check-subset = "100%"/' "/etc/igotchuu/repositories/$1.toml"
    reload
}
restic_is() { pgrep --full "^/usr/bin/restic .*$1 --retry-lock" >/dev/null; }

default_restic() { restic --quiet --repo "$restic_repository" --password-file "$restic_repository.key" --no-cache "$@"; }

# example PAGE BEGINNING: the block of the manual page PAGE, a file in man/, that begins with BEGINNING.
example() {
    local block
    block=$(awk -v RS='```\n' -v beginning="$2" 'NR % 2 == 0 && index($0, beginning) == 1' "$(dirname "$0")/../../man/$1")
    [ -n "$block" ] || fail "man/$1 has no example that begins with $2"
    printf '%s\n' "$block"
}

# keep_instant TOP INSTANCE DESTINATION: while a run of the job reads its snapshots, keeps a copy of them below TOP (a snapshot of a snapshot is
# the same instant), so that the backup can be compared with what it was taken of.
keep_instant() {
    local number=0 snapshot
    mkdir "$1/$3"
    for snapshot in "$1/.igotchuu/$2:"*/*/snapshot; do
        btrfs --quiet subvolume snapshot -r "$snapshot" "$1/$3/$number"
        number=$((number + 1))
    done
    [ "$number" -gt 0 ] || fail "there was no snapshot of $2 to keep"
}

# occupy_device_numbers TOP: btrfs gives a new snapshot the device number of one that is gone; after this it cannot.
occupy_device_numbers() {
    local number
    for number in 1 2 3; do
        btrfs --quiet subvolume snapshot -r "$1" "$1/occupied.$number"
        stat "$1/occupied.$number" >/dev/null
    done
}

# assert_same EXPECTED RESTORED [RSYNC-OPTION…]: every file: type, mode, owner, mtime to the nanosecond, xattr, ACL, hard links, content.
assert_same() {
    local expected=$1 restored=$2 difference
    shift 2
    difference=$(rsync --archive --hard-links --acls --xattrs --checksum --modify-window=-1 --specials --delete --dry-run --itemize-changes "$@" \
        "$expected/" "$restored/")
    [ -z "$difference" ] || fail "restored is not what was backed up:
$difference"
}

# A test that made more than the stage knows says in `undo` how that goes, and in `evidence` what else there is to show when it fails.
undo() { :; }
evidence() { :; }
clean_up() {
    local status=$?
    trap - ERR
    set +e
    if [ $status -ne 0 ]; then
        echo "--- the journal of igotchuu's units:"
        journalctl --quiet --no-pager --output short-precise --unit 'igotchuu*' --since "@$stage_began" --lines 60
        evidence
        cat /var/tmp/failed
    fi >&2
    systemctl --quiet stop 'igotchuu@*' 'igotchuu-fresh@*' 'igotchuu-send@*' 'igotchuu-pending.service' 'igotchuu-maintenance@*' 'igotchuu-verify*' 2>/dev/null
    jobs -p | xargs --no-run-if-empty kill 2>/dev/null
    (undo) >/dev/null 2>&1
    rm -rf /etc/igotchuu /etc/systemd/system/igotchuu{,-fresh,-maintenance,-send}@*.d /var/cache/igotchuu/{fresh,looks} /run/igotchuu/lock/restic=*
    find /var/lib/igotchuu /run/igotchuu/state -mindepth 1 ! -path /var/lib/igotchuu/jobs ! -path /var/lib/igotchuu/repositories ! -path /var/lib/igotchuu/kept -delete
    findmnt --json --list --output TARGET,SOURCE | jq --raw-output '.filesystems | reverse[] | select(.source | test("^/dev/loop|/var/tmp/stage/")).target' |
        while IFS= read -r target; do umount --quiet --lazy "$target"; done
    rm -rf --one-file-system "$stage" /srv/*
    each_backup_is_whole
    systemctl daemon-reload
    systemctl reset-failed
    return $status
}
stage_began=$(date +%s)
rm -f /var/tmp/failed
set -o errtrace
trap 'unexpected "$LINENO" "${BASH_SOURCE[0]##*/}" "$BASH_COMMAND"' ERR
trap clean_up EXIT
