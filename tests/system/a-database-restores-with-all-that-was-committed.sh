#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# a-database-restores-with-all-that-was-committed.sh mariadb|postgresql|sqlite
#
# A real database is written to while it is backed up, with the program for it that is shipped. It starts on what is restored; no transaction that was committed
# before the instant is missing, and none is there by half.
. "$(dirname "$0")/stage.sh"
database=$1
committed=$stage/committed before=$stage/before
new_btrfs /mnt/top 1500
new_source /mnt/top db /srv/db
cheap_repository r
writer=''
undo() {
    [ -z "$writer" ] || kill -- "-$writer"
    systemctl stop 'database-*'
    rm -rf /run/igotchuu-test
}
mkdir -p /run/igotchuu-test

# Each has: create_… DIRECTORY; start_… NAME DIRECTORY; sql_… NAME [OPTION…], which reads from standard input; sound_…, statements that print "sound"; held_…: whether it
# commits nothing while it is held; and holder_…, what stands in the job.
create_postgresql() {
    install -d -o postgres -g postgres /run/postgresql "$1"
    as_postgres "$(echo /usr/lib/postgresql/*/bin)/initdb" --pgdata="$1" --auth=trust --no-locale >/dev/null
}
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups --reset-env "$@"; }
start_postgresql() {
    install -d -o postgres "/run/igotchuu-test/$1"
    [ "$1" = live ] || rm "$2/postmaster.pid"                       # it names the one that was backed up, which runs on this very machine
    systemd-run --quiet --unit="database-$1" --service-type=notify --property=User=postgres "$(echo /usr/lib/postgresql/*/bin)/postgres" -D "$2" \
        -c listen_addresses= -c unix_socket_directories="/run/igotchuu-test/$1$([ "$1" != live ] || echo ,/run/postgresql)"
}
sql_postgresql() { as_postgres psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 --host="/run/igotchuu-test/$1" "${@:2}"; }
sound_postgresql() { echo "SELECT 'sound';"; }
held_postgresql=no
holder_postgresql='"/usr/share/igotchuu/hold/postgresql"'

create_mariadb() {
    install -d -o mysql -g mysql /run/mysqld "$1"
    mariadb-install-db --no-defaults --user=mysql --datadir="$1" --auth-root-authentication-method=socket --skip-test-db >/dev/null
}
start_mariadb() {
    local socket=/run/igotchuu-test/$1.mariadb
    [ "$1" != live ] || socket=/run/mysqld/mysqld.sock
    chmod 0777 /run/igotchuu-test
    systemd-run --quiet --unit="database-$1" --service-type=notify /usr/sbin/mariadbd --no-defaults --user=mysql --skip-networking --datadir="$2" --socket="$socket"
}
sql_mariadb() {
    local socket=/run/igotchuu-test/$1.mariadb
    [ "$1" != live ] || socket=/run/mysqld/mysqld.sock
    { echo 'CREATE DATABASE IF NOT EXISTS x; USE x;'; cat; } |
        mariadb --no-defaults --batch --skip-column-names --unbuffered --socket="$socket" "${@:2}"
}
sound_mariadb() { echo "CHECK TABLE a, b, c;"; }
held_mariadb=yes
holder_mariadb='"/usr/share/igotchuu/hold/mariadb"'

create_sqlite() { mkdir "$1"; }
start_sqlite() { ln -sfn "$2/x.db" "/run/igotchuu-test/$1.db"; }
sql_sqlite() { { echo '.timeout 60000'; echo 'PRAGMA synchronous = FULL;'; cat; } | sqlite3 -batch -bail "$(readlink "/run/igotchuu-test/$1.db")" "${@:2}"; }
sound_sqlite() { echo 'PRAGMA integrity_check;'; }
held_sqlite=yes
holder_sqlite='"/usr/share/igotchuu/hold/sqlite", "/srv/db/data/x.db"'

create() { "create_$database" "$@"; }
start() { "start_$database" "$@"; }
sql() { "sql_$database" "$@"; }
declare -n held=held_$database holder=holder_$database

# One transaction changes two tables; MariaDB has one more that knows no transactions, and follows.
tables='CREATE TABLE a (n integer); CREATE TABLE b (n integer); INSERT INTO a VALUES (0); INSERT INTO b VALUES (0);'
transaction='BEGIN; UPDATE a SET n = n + 1; UPDATE b SET n = n + 1; COMMIT; SELECT n FROM a;'
case $database in
mariadb) tables+=' CREATE TABLE c (n integer) ENGINE=MyISAM; INSERT INTO c VALUES (0);' transaction+=' UPDATE c SET n = n + 1;' ;;
sqlite) tables="PRAGMA journal_mode = WAL; $tables" ;;
esac
create /srv/db/data
start live /srv/db/data
sql live <<<"$tables" >/dev/null
: >"$committed"
set -m                                                              # all of the writer is one process group
(yes "$transaction" 2>/dev/null | sql live >>"$committed") &         # a number is there once it is committed
writer=$!
set +m
at_least() { [ "$(wc --lines <"$committed")" -ge "$1" ]; }
await 30 'the first transactions' at_least 20

# The second program of the key looks at what is committed by then. Who is held commits nothing from there on, however long that is; else it goes on.
cat >/run/igotchuu-test/look <<SH
#!/bin/sh -eu
last() { tail --lines=2 "$committed" | head --lines=1; } # the very last line may be half of one
last >"$before"
if [ $held = yes ]; then
    tries=0
    while [ \$tries -lt 100 ]; do tries=\$((tries + 1)); sleep 0.01; done
    last >"$before.still"
fi
echo READY
cat
SH
chmod +x /run/igotchuu-test/look
job db <<TOML
sources = ["/srv/db"]
repositories = ["r"]
hold = [[$holder], ["/run/igotchuu-test/look"]]
TOML
reload
for round in 1 2 3; do
    systemctl start igotchuu@db || fail "the backup failed: $(last db .message)"
    assert_outcome db success
    count=$(wc --lines <"$committed")
    await 30 'further transactions, after it was let go' at_least $((count + 20))
    after=$(tail --lines=2 "$committed" | head --lines=1)
    rm -rf "$stage/restored"
    mkdir "$stage/restored"                                         # else it is root's alone
    on_r restore latest --target "$stage/restored"
    start "restored-$round" "$stage/restored/srv/db/data" || fail 'it does not start on what was restored'
    answer=$(sql "restored-$round" <<<'SELECT n FROM a; SELECT n FROM b;' | paste --serial --delimiters ' ')
    read -r a b <<<"$answer"
    [ "$a" = "$b" ] || fail "half a transaction is there: $a, $b"
    [ "$a" -ge "$(cat "$before")" ] || fail "restored is $a, and $(cat "$before") was committed before the instant"
    [ "$a" -le "$after" ] || fail "restored is $a, and no more than $after was ever committed"
    if [ "$held" = yes ]; then
        [ "$(cat "$before.still")" -le $(($(cat "$before") + 2)) ] || fail 'something was committed while it was held'
        [ "$a" -le $(($(cat "$before") + 2)) ] || fail "restored is $a, and $(cat "$before") was the last one when it was held"
    fi
    sound=$("sound_$database" | sql "restored-$round")
    [ -z "$(grep --invert-match --ignore-case 'status.OK$\|^ok$\|^sound$' <<<"$sound")" ] || fail "it is not sound: $sound"
    echo "$database, round $round: $(cat "$before") committed before, $a restored; held for $(last db .hold_window_usec) us"
    systemctl --quiet stop "database-restored-$round" 2>/dev/null || [ "$database" = sqlite ]
    next_second
done
