#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run -- /src/tests/bench/hold.sh [ROUNDS]
#
# For how long a database stands still for a backup of 1, 8 and 64 subvolumes with 20,000 files, of which nothing changed but the database: held by its own program,
# stopped for the snapshots alone (stop-units), and stopped for the whole backup. Beside it the longest time between two commits of a writer while it was held.
# In turn, after a round that is not counted; milliseconds, minimum and median.
. /src/tests/system/stage.sh
rounds=${1:-5}
undo() { systemctl stop database.service; rm -f /etc/systemd/system/database.service; }

sql() { mariadb --no-defaults --batch --skip-column-names --unbuffered --socket=/run/mysqld/mysqld.sock "$@"; }
subvolumes() { seq --format "/srv/b/%02g" 0 $(($1 - 1)); }
make() { # COUNT
    new_btrfs /mnt/top 3000
    mkdir -p /mnt/top/b /srv/b
    mount --bind /mnt/top/b /srv/b
    subvolumes "$1" | xargs --max-args=1 btrfs --quiet subvolume create
    python3 - "$1" <<'PY'
import os, sys
count = int(sys.argv[1])
for number in range(20000):
    directory = f"/srv/b/{number % count:02}/{number // count // 100}"
    os.makedirs(directory, exist_ok=True)
    with open(f"{directory}/{number}", "wb") as file:
        file.write(os.urandom(2000))
PY
    mariadb-install-db --no-defaults --user=mysql --datadir=/srv/b/00/data --skip-test-db >/dev/null
    systemctl start database.service
    sql -e 'CREATE DATABASE x; CREATE TABLE x.a (n integer); INSERT INTO x.a VALUES (0)'
}
unmake() {
    systemctl stop database.service
    umount /srv/b /mnt/top
}
of() { sort -n | awk '{all[NR] = $1} END {printf "%.1f / %.1f", all[1], all[int((NR + 1) / 2)]}'; }
milliseconds() { # COMMAND…
    local began=$EPOCHREALTIME
    "$@" >"$stage/log" 2>&1 || { cat "$stage/log" >&2; exit 1; }
    echo "$began $EPOCHREALTIME" | awk '{print ($2 - $1) * 1000}'
}
holds() { # [LINE]: what job "bench" holds with
    sed --in-place '/^hold/d' /etc/igotchuu/jobs/bench.toml
    [ $# -eq 0 ] || echo "$1" >>/etc/igotchuu/jobs/bench.toml
    reload
}
run() { systemctl start igotchuu@bench; }
stopped_for_all() {
    systemctl stop database.service
    run
    systemctl start database.service
}
# The longest time between two commits meanwhile, in milliseconds.
longest_gap() { # COMMAND…
    rm -f "$stage"/{commits,enough}
    (while [ ! -e "$stage/enough" ]; do echo 'UPDATE x.a SET n = n + 1; SELECT UNIX_TIMESTAMP(SYSDATE(6));'; done | sql >"$stage/commits") &
    local writer=$!
    await 10 'the writer' test -s "$stage/commits"
    "$@"
    touch "$stage/enough"
    wait "$writer"
    awk 'NR > 1 && $1 - last > gap {gap = $1 - last} {last = $1} END {print gap * 1000}' "$stage/commits"
}

install -d -o mysql -g mysql /run/mysqld
cat >/etc/systemd/system/database.service <<'UNIT'
[Service]
Type=notify
ExecStart=/usr/sbin/mariadbd --no-defaults --user=mysql --skip-networking --datadir=/srv/b/00/data --socket=/run/mysqld/mysqld.sock
UNIT
cheap_repository r
echo "minimum / median of $rounds rounds, milliseconds"
printf '\n| subvolumes | snapshots | held by mariadb | longest between two commits | held by stop-units | stopped for the whole backup |\n| --- | --- | --- | --- | --- | --- |\n'
for count in 1 8 64; do
    make $count
    sources=$(subvolumes $count | sed 's/.*/"&"/' | paste --serial --delimiters ,)
    printf 'sources = [%s]\nrepositories = ["r"]\n' "$sources" | job bench
    rm -f "$stage"/{snapshots,window,gap,units,whole}
    for ((round = 0; round <= rounds; ++round)); do
        holds 'hold = [["/usr/share/igotchuu/hold/mariadb"]]'
        gap=$(longest_gap run)
        window=$(last bench '.hold_window_usec / 1000') snapshots=$(last bench '.window_usec / 1000')
        holds 'hold = [["/usr/share/igotchuu/hold/stop-units", "database.service"]]'
        run
        units=$(last bench '.hold_window_usec / 1000')
        holds
        whole=$(milliseconds stopped_for_all)
        [ $round -gt 0 ] || continue
        for what in snapshots window gap units whole; do echo "${!what}" >>"$stage/$what"; done
    done
    printf '| %s |%s\n' $count "$(for what in snapshots window gap units whole; do printf ' %s |' "$(of <"$stage/$what")"; done)"
    unmake
done
