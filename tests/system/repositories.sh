#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# repositories.sh KIND [PART…]: what igotchuu promises of every kind of repository, held against one of them, on a real server. PART: only those.
#
# A kind is what stands in its function below: it makes its server's files and `start_server`, and says where the repository is (`location`), what its file
# says beside that (`access`), what restic needs by hand (`by_hand`, `variables`), and which directory of this machine the server keeps it in (`kept_in`).
. "$(dirname "$0")/stage.sh"

kind=$1
here=$(realpath "$(dirname "$0")")
server=/srv/server                                                  # not in $stage: sshd takes nothing from below a directory that everybody may write to
password=canary-password
metrics=/var/lib/prometheus/node-exporter/igotchuu.prom
by_hand=() variables=() append_only='' secret_variables=() kept_in='' access='' trusted='' untrusted=''
mkdir -p $server /etc/credstore /etc/credstore.encrypted
title() { printf '%s: %s, at %d s\n' "$kind" "$1" "$SECONDS"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
secret() { install -m 0600 /dev/stdin "/etc/credstore/$1"; }         # secret NAME <<<VALUE: in the plain credential store
serve() { systemd-run --quiet --unit=server --collect --service-type=exec --property=StandardError=append:$server/log "$@"; }
listens() { : <>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null
server_starts() { start_server && await 30 'the server' listens; }
server_dies() { systemctl kill --signal=KILL server && await 10 'its end' eval '! systemctl --quiet is-active server'; }

certificate() { # for 127.0.0.1, and another that nobody knows
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=server \
        -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout $server/key.pem -out $server/cert.pem 2>/dev/null
}
htpasswd() { printf 'alice:{SHA}%s\n' "$(printf 'canary@pw' | openssl sha1 -binary | base64)" >$server/htpasswd; }

on_local() {
    location='/srv/keep/tv shows' kept_in=$location absent=/srv/keep/absent
    mkdir -p /srv/keep
}
on_sftp() {
    id keeper >/dev/null 2>&1 || useradd --no-create-home --home-dir / --shell /usr/sbin/nologin keeper
    usermod --password '*' keeper
    mkdir -p /srv/sftp
    install -d -o keeper /srv/sftp/data
    ssh-keygen -q -N '' -t ed25519 -f $server/host_key
    ssh-keygen -q -N '' -t ed25519 -f $server/other_key
    ssh-keygen -q -N '' -t ed25519 -f $server/identity
    cat >$server/sshd_config <<EOF
Port $port
ListenAddress 127.0.0.1
HostKey $server/host_key
PidFile none
UsePAM no
PasswordAuthentication no
AuthorizedKeysFile $server/identity.pub
PerSourcePenalties no
Subsystem sftp internal-sftp
Match User keeper
    ChrootDirectory /srv/sftp
    ForceCommand internal-sftp
EOF
    start_server() { serve --property=RuntimeDirectory=sshd /usr/sbin/sshd -D -e -f $server/sshd_config; }
    echo "[127.0.0.1]:$port $(cat $server/host_key.pub)" >$server/known_hosts
    echo "[127.0.0.1]:$port $(cat $server/other_key.pub)" >$server/other_hosts
    secret keep-identity <$server/identity
    location="sftp://keeper@127.0.0.1:$port/data/tv shows" kept_in='/srv/sftp/data/tv shows' absent="sftp://keeper@127.0.0.1:$port/data/absent"
    access=$'ssh.identity-credential = "keep-identity"\n'
    trusted="ssh.known-hosts = \"$server/known_hosts\"" untrusted="ssh.known-hosts = \"$server/other_hosts\""
    by_hand=(-o "sftp.args=-i $server/identity -o UserKnownHostsFile=$server/known_hosts -o BatchMode=yes")
    sed -n 3p $server/identity >>"$stage/words"
}
on_rest() {
    append_only=--append-only
    certificate
    htpasswd
    mkdir -p /srv/rest
    start_server() {
        serve restic-rest-server --listen "127.0.0.1:$port" --path /srv/rest --tls --tls-cert $server/cert.pem --tls-key $server/key.pem \
            $append_only --private-repos --htpasswd-file $server/htpasswd
    }
    location="rest:https://alice:canary%40pw@127.0.0.1:$port/alice/tv/" kept_in=/srv/rest/alice/tv absent="rest:https://alice:canary%40pw@127.0.0.1:$port/alice/absent/"
    trusted="restic-args = [\"--cacert=$server/cert.pem\"]" untrusted=''
    by_hand=("--cacert=$server/cert.pem")
}
on_s3() {
    certificate
    install -d -o ceph -g ceph /srv/s3 /srv/s3/db /srv/s3/data
    cat >$server/ceph.conf <<EOF
[global]
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
mon_host = 127.0.0.1
keyring = /dev/null
[client.rgw.t]
rgw_backend_store = dbstore
rgw_config_store = dbstore
dbstore_db_dir = /srv/s3/db
dbstore_config_uri = file:/srv/s3/db/config.db
rgw_data = /srv/s3/data
rgw_frontends = beast ssl_endpoint=127.0.0.1:$port ssl_certificate=$server/cert.pem ssl_private_key=$server/key.pem
admin_socket = /srv/s3/admin.sock
log_file = /srv/s3/log
EOF
    chmod 0644 $server/key.pem
    local common=(-n client.rgw.t -c $server/ceph.conf --no-mon-config --rgw-backend-store=dbstore)
    start_server() { serve radosgw -n client.rgw.t -c $server/ceph.conf --no-mon-config --rgw-backend-store=dbstore -f; }
    timeout --signal=KILL 20 radosgw-admin "${common[@]}" user create --uid=keeper --display-name=keeper --access-key=keeper --secret-key=canary-s3-secret \
        >/dev/null 2>$server/admin.log || [ $? = 137 ]              # now and then a thread of its dbstore does not end; the user is made by then
    secret keep-id <<<keeper
    secret keep-key <<<canary-s3-secret
    location="s3:https://127.0.0.1:$port/keep/tv" absent="s3:https://127.0.0.1:$port/keep/absent" fresh="s3:https://127.0.0.1:$port/fresh/tv"
    access=$'options = ["s3.bucket-lookup=path"]\nenvironment.AWS_ACCESS_KEY_ID.credential = "keep-id"\nenvironment.AWS_SECRET_ACCESS_KEY.credential = "keep-key"\n'
    trusted="restic-args = [\"--cacert=$server/cert.pem\"]" untrusted=''
    by_hand=("--cacert=$server/cert.pem" -o s3.bucket-lookup=path)
    variables=(AWS_ACCESS_KEY_ID=keeper AWS_SECRET_ACCESS_KEY=canary-s3-secret)
    secret_variables=(AWS_SECRET_ACCESS_KEY)
}
on_rclone() {
    certificate
    htpasswd
    mkdir -p /srv/webdav /etc/rclone
    start_server() {
        serve --property=Environment=HOME=/root rclone serve webdav /srv/webdav --dir-cache-time 0 --addr "127.0.0.1:$port" --cert $server/cert.pem --key $server/key.pem --htpasswd $server/htpasswd
    }
    remote_at() { printf '[%s]\ntype = webdav\nurl = https://%s:%s\nvendor = other\nuser = alice\npass = %s\n' "$1" "$2" "$3" "$(rclone obscure "${4-canary@pw}")"; }
    (umask 0077 && remote_at keep 127.0.0.1 "$port" >/etc/rclone/keep.conf)
    location='rclone:keep:tv shows' kept_in='/srv/webdav/tv shows' absent=rclone:keep:absent fresh='rclone:keep:fresh/tv shows'
    access=$'environment.RCLONE_CONFIG.path = "/etc/rclone/keep.conf"\n'
    trusted="environment.RCLONE_CA_CERT.path = \"$server/cert.pem\"" untrusted=''
    variables=(RCLONE_CONFIG=/etc/rclone/keep.conf RCLONE_CA_CERT=$server/cert.pem)
}

# keep NAME [LOCATION [ACCESS [PASSWORD]]]: writes the repository file NAME, and a job of that name that backs up to it.
keep() {
    repository "$1" <<EOF
location = "${2-$location}"
${4-password-credential = \"keep-password\"}
$access${3-$trusted}
EOF
    chmod 0600 "/etc/igotchuu/repositories/$1.toml"
    job "$1" <<EOF
sources = ["/srv/k"]
repositories = ["$1"]
pending.days = 0
unit.StartLimitIntervalSec = 0
EOF
}
also() { cat >>"/etc/igotchuu/repositories/$1.toml"; }              # also NAME <<TOML: more lines of a repository's file
by_hand() { env "${variables[@]}" restic --quiet --cache-dir $server/cache --repo "$location" --password-file $server/password "${by_hand[@]}" "$@"; }
locks() { by_hand --no-lock list locks; }
assert_no_locks() { [ -z "$(locks)" ] || fail "$1 left a lock"; }

run() {
    systemctl start "igotchuu@$1" || fail "the run $1 failed: $(last "$1" .message)"
    assert_outcome "$1" success
}
refused() { # refused NAME SENTENCE…: it fails, and says so; nothing is left
    local name=$1 sentence
    shift
    ! systemctl start "igotchuu@$name" 2>/dev/null || fail "$name: was backed up"
    has_failed "$name" "$@"
}
has_failed() {
    local name=$1 sentence
    shift
    title "$(last "$name" .message)"
    assert_exit "igotchuu@$name" 1
    assert_outcome "$name" failed
    for sentence; do assert_says "$(last "$name" .message)" "$sentence"; done
    [ "$(last "$name" .message | wc --lines)" = 1 ] || fail 'it says more than one line'
    systemctl reset-failed "igotchuu@$name"
}
begin_slow() { # a run that is still uploading
    head --bytes 2M /dev/urandom >/srv/k/big
    systemctl start --no-block igotchuu@slow
    wait_for_phase slow restic
    await 30 'the upload' eval 'pgrep --exact restic >/dev/null && [ "$(jq ".progress.bytes_done // 0" /run/igotchuu/state/slow.json 2>/dev/null)" -gt 2000000 ]'
}
# stop_slow SECONDS: it ends in time, as what was stopped, and the host is as before.
stop_slow() {
    timeout "$1" systemctl stop igotchuu@slow || fail 'it does not stop'
    assert_outcome slow stopped
    systemctl reset-failed igotchuu@slow 2>/dev/null || true
    assert_host_as_before
}
kill_slow() { # restic at first, so that it does not take its lock with it; igotchuu-exec must not see that end
    systemctl kill --kill-whom=main --signal=STOP igotchuu@slow
    pkill --signal KILL --exact restic
    systemctl kill --kill-whom=main --signal=KILL igotchuu@slow
    await 60 'the end of the run' ended slow
    assert_outcome slow killed
    systemctl reset-failed igotchuu@slow
    assert_host_as_before
}
may_remove() { [ -z "$append_only" ] || { systemctl stop server && append_only='' && server_starts; }; }
maintain() {
    timeout 120 systemctl start igotchuu-maintenance@main || fail "the maintenance failed: $(last_maintenance main .message)"
    [ "$(last_maintenance main .outcome)" = success ] || fail "the maintenance: $(last_maintenance main .)"
    assert_host_as_before
    assert_no_locks 'the maintenance'
}
maintenance_unlocks() { # maintenance_unlocks WHAT: the lock that WHAT left
    [ -n "$(locks)" ] || fail "$1 left no lock: this tests nothing"
    maintain
    [ "$(last_maintenance main .unlocked)" = true ] || fail "the maintenance did not ask for the lock of $1 to be removed"
}
ended() { ! state_is "igotchuu@$1" activating && ! state_is "igotchuu@$1" deactivating; }

make_cheap() { # restic opens it in no time then
    local directory=$kept_in
    if [ "$kind" = s3 ]; then
        directory=$stage/cheap
        bucket copy keep:keep/tv/keys "$directory/keys"
    fi
    python3 "$here/cheap-key.py" "$directory" $server/password
    [ "$kind" != sftp ] || chown --recursive keeper "$directory"
    [ "$kind" != s3 ] || bucket sync "$directory/keys" keep:keep/tv/keys
}
with_bucket() { # the remote "keep", for rclone
    RCLONE_CONFIG_KEEP_TYPE=s3 RCLONE_CONFIG_KEEP_PROVIDER=Ceph RCLONE_CONFIG_KEEP_ENDPOINT=https://127.0.0.1:$port RCLONE_CONFIG_KEEP_ACCESS_KEY_ID=keeper \
        RCLONE_CONFIG_KEEP_SECRET_ACCESS_KEY=canary-s3-secret "$@"
}
bucket() { with_bucket rclone --config /dev/null --ca-cert $server/cert.pem "$@"; }

# --- the parts -----------------------------------------------------------------------------------------------------------------------------

part_secrets() {
    title 'the password is where the repository says that it is'
    keep sealed "$location" "$trusted" 'password-credential = "sealed-password"'
    systemd-creds encrypt --quiet --with-key=host --name=sealed-password $server/password /etc/credstore.encrypted/sealed-password
    install -D -m 0600 $server/password /etc/keep/password
    keep loaded "$location" "$trusted" $'password-credential = "loaded"\nload-credential = ["loaded:/etc/keep/password"]'
    keep file "$location" "$trusted" 'password-file = "/etc/keep/password"'
    keep command "$location" "$trusted" 'password-command = ["/usr/bin/cat", "/etc/keep/password"]'
    local names=(sealed loaded file command)
    also_secret_$kind
    reload
    for name in "${names[@]}"; do run $name; done
}
also_secret_local() { :; }
also_secret_sftp() {
    also_secret_address
    secret keep-hosts <$server/known_hosts
    keep hosts "$location" 'ssh.known-hosts-credential = "keep-hosts"'
    names+=(hosts)
}
also_secret_rest() {                                                # user and password apart from the address
    also_secret_address
    secret keep-user-password <<<canary@pw
    install -D -m 0600 /dev/stdin /etc/keep/user <<<alice
    local access=$'environment.RESTIC_REST_USERNAME.file = "/etc/keep/user"\nenvironment.RESTIC_REST_PASSWORD.credential = "keep-user-password"\n'
    keep variables "${location/alice:canary%40pw@/}"
    names+=(variables)
}
also_secret_s3() { also_secret_address; }
also_secret_rclone() { also_secret_address; }
also_secret_address() {
    secret keep-address <<<"$location"
    keep addressed
    sed --in-place 's/^location = .*/location-credential = "keep-address"/' /etc/igotchuu/repositories/addressed.toml
    names+=(addressed)
}

part_own() {
    title "root's own configuration counts where the repository names none"
    local place access=''
    if [ "$kind" = sftp ]; then
        place=/root/.ssh/config
        keep own 'sftp:nas:data/tv shows' ''
        install -D -m 0600 /dev/stdin $place <<EOF
Host nas
    HostName 127.0.0.1
    Port $port
    User keeper
    IdentityFile $server/identity
    UserKnownHostsFile $server/known_hosts
EOF
    else
        place=/root/.config/rclone/rclone.conf
        keep own
        install -D -m 0600 /etc/rclone/keep.conf $place
    fi
    reload
    run own
    rm $place
}

part_two_jobs() {
    title 'jobs and machines share a repository at the same time, each with snapshots of its own'
    keep second
    reload
    echo more >>/srv/k/files/alice/note.txt
    by_hand backup --host other --tag igotchuu-job=main /srv/k &
    local other=$!
    systemctl start --no-block igotchuu@second
    run main
    await 60 'the second job' ended second
    assert_outcome second success
    wait $other || fail 'the backup of the other machine failed'
    [ "$(last main '.repositories[0].summary.files_unmodified')" -gt 0 ] || fail 'the parent of the snapshot was another'
    [ "$(by_hand snapshots --json --tag igotchuu-job=second | jq length)" = 1 ] || fail 'there is no snapshot of the second job'
}

part_missing() {
    title 'a secret that is not there is named, restic is not started, and no other key takes its place'
    keep nobodys "$location" "$trusted" 'password-credential = "nobody-provides-it"'
    keep nowhere "$location" "$trusted" $'password-credential = "gone"\nload-credential = ["gone:/etc/keep/gone/password"]'
    keep unfiled "$location" "$trusted" 'password-file = "/etc/keep/gone/password"'
    keep unsaid "$location" "$trusted" 'password-command = ["/usr/bin/false"]'
    keep unplaced
    sed --in-place 's/^location = .*/location-credential = "gone-location"/' /etc/igotchuu/repositories/unplaced.toml
    keep empty "$location" "$trusted" 'password-credential = "empty"'
    secret empty <<<''
    keep opaque "$location" "$trusted" 'password-credential = "opaque"'
    echo x | systemd-creds encrypt --quiet --with-key=null --name=opaque - /etc/credstore.encrypted/opaque
    head --bytes 100 /etc/credstore.encrypted/opaque >/etc/credstore.encrypted/half && mv /etc/credstore.encrypted/half /etc/credstore.encrypted/opaque
    reload
    refused nobodys 'the credential nobody-provides-it is not there'
    refused nowhere 'the credential gone is not there: its file /etc/keep/gone/password is missing'
    refused unfiled '/etc/keep/gone/password'
    refused unsaid '/usr/bin/false'
    refused unplaced 'the credential gone-location is not there'
    refused empty 'the credential empty is empty'
    for name in nobodys nowhere unfiled unsaid unplaced empty; do
        [ "$(last $name .restic_starts)" = 0 ] || fail "$name: restic was started"
    done
    ! systemctl start igotchuu@opaque 2>/dev/null || fail 'a sealed credential that is cut was taken'
    assert_exit igotchuu@opaque 243                                 # of systemd, before there is an igotchuu-exec that could name it
    assert_says "$(last opaque .message)" 'a credential that its unit names cannot be read'
    systemctl reset-failed igotchuu@opaque
    [ ! -e /var/lib/igotchuu/repository.key ] || fail 'the embedded key was made'
}

part_wrong_password() {
    title 'a wrong password is said to be wrong, and where it is'
    secret wrong <<<canary-wrong
    keep wrong "$location" "$trusted" 'password-credential = "wrong"'
    reload
    refused wrong 'wrong' 'the credential wrong'
}

part_locked() {
    title 'a lock of another is named, and the run after it needs no help'
    keep locked
    also locked <<<'answer-timeout = 10'
    reload
    by_hand check --read-data --limit-download 32 >$server/holder 2>&1 &
    local holder=$! other
    await 20 'the lock' eval '[ -n "$(by_hand --no-lock list locks)" ]'
    other=$(pgrep --full 'restic .*check --read-data')
    kill -STOP $other
    refused locked 'is locked' 'restic unlock'
    kill -CONT $other
    wait $holder || fail "the other one failed: $(cat $server/holder)"
    run locked
}

part_absent() {
    title 'where no repository is, none is made'
    keep absent "$absent"
    reload
    refused absent 'there is no repository' ' init'
    refused absent 'there is no repository'
}

part_apart() {
    title 'what the server of one repository says is not taken for what another one says'
    keep away "${location/:$port\//:$away_port/}"
    keep apart "$location, broken"
    also away <<<'answer-timeout = 10'
    sed --in-place 's/^repositories.*/repositories = ["away", "apart"]/' /etc/igotchuu/jobs/apart.toml
    cp --archive "$kept_in" "$kept_in, broken"
    : >"$kept_in, broken/config"
    reload
    refused apart 'nothing listens there'
    last apart '.repositories[1]'
    ! last apart '.repositories[1].message' | grep 'nothing listens' || fail 'the one that is damaged is said to be away'
    [ -z "$(find /var/cache/igotchuu -name 'ssh.*')" ] || fail 'what ssh has said is left'
}

part_dies() {
    title 'the server dies in mid-upload, and comes back'
    begin_slow
    server_dies
    server_starts
    await 300 'the end of the run' ended slow
    title "the run came to: $(last slow .outcome) $(last slow .message)"
    systemctl reset-failed igotchuu@slow 2>/dev/null || true
    assert_host_as_before
    run main

    title 'the run dies in mid-upload, and its secret is gone: it is reaped, and the next one needs no help'
    begin_slow
    mv /etc/credstore/keep-password /etc/credstore/away
    kill_slow
    mv /etc/credstore/away /etc/credstore/keep-password
    run main
}

part_hangs() {
    title 'the server hangs in mid-upload: a stop is in time'
    begin_slow
    systemctl kill --signal=STOP server
    local began=$SECONDS
    stop_slow 100
    title "it took $((SECONDS - began)) s"
    server_wakes
    [ "$kind" != sftp ] || hangs_for_long
}
server_wakes() {
    systemctl kill --signal=CONT server
    run main
    may_remove
    if [ -n "$(locks)" ]; then                                      # what it could still send, the server may have heard when it woke up
        maintenance_unlocks 'a restic that could not end'
    else
        maintain
    fi
}
hangs_for_long() {
    title 'the server hangs in mid-upload, and nobody stops the run: ssh gives it up'
    begin_slow
    systemctl kill --signal=STOP server
    await 400 'the end of the run' ended slow                       # ssh asks four times, every 30 s
    has_failed slow
    assert_host_as_before
    server_wakes
}

# At the same time, since each takes its whole time: restic itself would try for a quarter of an hour.
part_unreachable() {
    title 'a server that is silent, away, unknown, another, or does not know us: each is said'
    systemd-run --quiet --unit=silent --collect python3 -c 'import socket, sys; s = socket.create_server(("127.0.0.1", int(sys.argv[1]))); sys.stdin.read(); import signal; signal.pause()' "$silent_port"
    unreachable_$kind
    for name in "${!said[@]}"; do also $name <<<'answer-timeout = 10'; done
    reload
    for name in "${!said[@]}"; do systemctl start --no-block igotchuu@$name; done
    for name in "${!said[@]}"; do await 100 "the end of $name" ended $name; done
    for name in "${!said[@]}"; do has_failed $name "${said[$name]}"; done
    assert_host_as_before
    run main
}
declare -A said=([silent]='does not answer' [away]='nothing listens there' [unknown]='cannot be resolved' [untrusted]='certificate is not trusted' [unwelcome]='does not know user or password')
with_ports() {
    keep silent "${location/:$port\//:$silent_port/}"
    keep away "${location/:$port\//:$away_port/}"
    keep unknown "${location/127.0.0.1:/nowhere.invalid:}"
    keep untrusted "$location" "$untrusted"
}
unreachable_rest() {
    with_ports
    keep unwelcome "${location/canary%40pw/canary%40other}"
    local garbage_port
    garbage_port=$(free_port)
    systemd-run --quiet --unit=garbage --collect "$here/garbage-server.py" "$garbage_port"
    said[garbage]='no server of repositories' said[endless]='does not answer'
    keep garbage "rest:http://127.0.0.1:$garbage_port/garbage/"
    keep endless "rest:http://127.0.0.1:$garbage_port/endless/"
}
unreachable_s3() {
    said[unwelcome]='AWS_SECRET_ACCESS_KEY' said[bucketless]='there is no such bucket'
    with_ports
    secret other-key <<<canary-other
    access=${access/keep-key/other-key} keep unwelcome
    keep bucketless "s3:https://127.0.0.1:$port/nowhere/absent"
}
unreachable_sftp() {
    said[untrusted]="the server's key is not the one that we know" said[unwelcome]='does it know the key that ssh.identity names'
    with_ports
    secret other-identity <$server/other_key
    access=${access/keep-identity/other-identity} keep unwelcome
}
unreachable_rclone() {
    said[disk]='the unit may not write there'
    with_ports
    keep unwelcome
    keep disk "rclone:disk:$kept_in"
    printf '[disk]\ntype = local\n' >>/etc/rclone/keep.conf
    local name
    for name in silent away unknown unwelcome; do sed --in-place "s/rclone:keep:/rclone:$name:/" /etc/igotchuu/repositories/$name.toml; done
    { remote_at silent 127.0.0.1 "$silent_port"; remote_at away 127.0.0.1 "$away_port"; remote_at unknown nowhere.invalid "$port"; remote_at unwelcome 127.0.0.1 "$port" canary@other; } >>/etc/rclone/keep.conf
}

part_full() {
    title 'the server has no space left: it is said, what is there stays sound, and with space the next run is a good one'
    keep full
    also full <<<'answer-timeout = 10'
    reload
    head --bytes 8M /dev/urandom >/srv/k/big
    fallocate --length $(($(findmnt --noheadings --bytes --output AVAIL "$store") - 2097152)) "$store/filler"
    systemctl start --no-block igotchuu@full
    await 1200 'the end of the run' ended full                        # rest and rclone: restic tries for a quarter of an hour
    local said='there is no space left where the repository is'
    [ "$kind" != rclone ] || said='only its own log says at what: has it space left?' # WebDAV's 500
    has_failed full "$said"
    assert_host_as_before
    rm "$store/filler"
    assert_no_locks 'a run that had no space'
    run full
}

part_stale_locks() {
    title 'a run that is stopped leaves no lock; of one that is killed the next maintenance removes it, within its sandbox'
    may_remove
    [ -z "$(locks)" ] || maintenance_unlocks 'what was killed before'
    begin_slow
    [ -n "$(locks)" ] || fail 'a run has no lock: this tests nothing'
    stop_slow 60
    assert_no_locks 'a run that was stopped'
    begin_slow
    kill_slow
    maintenance_unlocks 'a run that was killed'
}

part_maintained() {
    title 'maintenance prunes and checks it, within its sandbox'
    may_remove
    next_second                                                     # else another's may be the latest
    head --bytes 1M /dev/urandom >/srv/k/big
    run main
    by_hand forget latest                                           # something for it to take away
    maintain
    [ "$(last_maintenance main '.bytes_freed > 0 and .part > 0')" = true ] || fail 'nothing was pruned and read'
    [ "$kind" = local ] || put_off
    run main
}
put_off() {                                                         # while the server is down, it waits
    server_dies
    systemctl start --no-block igotchuu-maintenance@main
    await 60 'the maintenance to be put off' eval '[ "$(last_maintenance main .outcome)" = not-now ]'
    title "$(last_maintenance main .message)"
    systemctl stop igotchuu-maintenance@main
    server_starts
}

part_forgets() {
    title 'what the rules keep no longer is forgotten, and nothing of another job or machine'
    may_remove
    keep short
    echo 'keep.last = 2' >>/etc/igotchuu/jobs/short.toml
    reload
    by_hand backup --host other --tag igotchuu-job=short,igotchuu-machine=0000 /srv/k
    local number
    by_hand list snapshots | sort >"$stage/others"
    for number in 1 2 3; do
        next_second
        run short
        [ $number -gt 1 ] || last short '.repositories[0].summary.snapshot_id' >"$stage/oldest"
    done
    [ "$(last short '.repositories[0].retention | [.kept, .planned, .removed, .hold] | join(" ")')" = '2 1 1 none' ] || fail "recorded: $(last short '.repositories[0].retention')"
    by_hand list snapshots | sort >"$stage/left"
    [ -z "$(comm -23 "$stage/others" "$stage/left")" ] || fail 'one of another went, too'
    [ "$(comm -13 "$stage/others" "$stage/left" | wc --lines)" = 2 ] || fail 'there are not two of its own'
    ! grep --file="$stage/oldest" "$stage/left" || fail 'the oldest is there still'
    assert_host_as_before
    assert_no_locks 'a run that has forgotten'
}

part_pending() {
    title 'what a server that is down has missed is sent when it is up, as it was'
    keep later
    also later <<<'answer-timeout = 10'
    cheap_repository beside                                         # what nobody got would be tried again at once
    sed --in-place '/^pending/d; s/^repositories.*/repositories = ["beside", "later"]/' /etc/igotchuu/jobs/later.toml
    reload
    run later                                                       # one that never was there is not waited for
    server_dies
    systemctl start igotchuu@later || fail "$(last later .message)"
    assert_outcome later pending
    title "$(last later .message)"
    local list=/var/lib/igotchuu/kept/later.json instant
    instant=$(($(jq '.instants[0].instant_usec' $list) / 1000000))
    [ -z "$(secrets_seen 2>/dev/null)" ] || fail "$(secrets_seen)"
    next_second
    server_starts
    systemctl start igotchuu-send@later || fail "it is not sent: $(last later .message)"
    [ ! -e $list ] || fail 'it is kept still'
    assert_outcome later success
    [ "$(by_hand snapshots --json --tag igotchuu-job=later latest | jq --raw-output '.[0].time[0:19]')" = "$(date --date="@$instant" +%FT%T)" ] || fail 'another instant was sent'
    assert_host_as_before
}

part_proven() {
    title 'a backup there is proven; when its server dies in the midst of the proof, it stands, unproven, and the next one is proven again'
    keep proven
    also proven <<<'answer-timeout = 10'
    printf 'prove = "full"\nprove-every-days = 0\n' >>/etc/igotchuu/jobs/proven.toml
    reload
    run proven
    assert_found proven
    head --bytes 1M /dev/urandom >/srv/k/big
    held_at restore
    systemctl start --no-block igotchuu@proven
    wait_for_phase proven prove
    await 30 'restic to wait' pgrep --full '^/bin/sh -p /usr/bin/restic .*restore' >/dev/null
    server_dies
    let_go
    await 120 'the end of the run' ended proven
    assert_outcome proven success
    assert_found unproven
    server_starts
    run proven
    assert_found proven
    assert_host_as_before
}
assert_found() { [ "$(last proven .repositories[0].proof.finding)" = "$1" ] || fail "not $1: $(last proven .repositories[0].proof)"; }

part_init() {
    title 'igotchuu itself makes a repository there, whose recovery key opens what is backed up to it'
    made fresh "$fresh"
    run fresh
    [ "$(location=$fresh by_hand --password-file $server/recovery snapshots --json --tag igotchuu-job=fresh | jq length)" = 1 ] || fail 'there is no snapshot'
}
made() { # made NAME LOCATION: by igotchuu; its recovery key is in $server/recovery
    keep "$1" "$2" "$trusted" "password-credential = \"$1-key\""
    reload
    igotchuu repository init "$1" 2>"$stage/said" | cat >"$stage/shown" || fail "$(cat "$stage/said")"
    ! cat "$stage/shown" "$stage/said" | grep canary || fail 'a secret is shown'
    sed --quiet --regexp-extended 's/^    (([2-9A-HJ-NP-Z]{4}-){7}[2-9A-HJ-NP-Z]{4})$/\1/p' "$stage/shown" >$server/recovery
    [ -s $server/recovery ] || fail "there is no recovery key in: $(cat "$stage/shown")"
    cat $server/recovery >>"$stage/words"
}

part_rclone_serves() {
    title 'rclone as the server: init, backup, maintenance, restore, check'
    systemctl stop server
    serve --property=Environment=HOME=/root rclone serve restic /srv/rest/served --addr "127.0.0.1:$port" --htpasswd $server/htpasswd
    await 30 'the server' listens
    local location="rest:http://alice:canary%40pw@127.0.0.1:$port/tv/" by_hand=(--password-file $server/recovery) trusted=''
    made served "$location"
    run served
    systemctl start igotchuu-maintenance@served || fail "$(last_maintenance served .)"
    is_restored served
    by_hand check --read-data
    assert_no_locks 'rclone as a server'
    systemctl stop server
    server_starts
}

part_keeps_all() {
    title 'a server that only lets add, and a job with rules: nothing goes; where nobody said so, that is said with its remedy'
    local name before
    keep told
    also told <<<'maintenance = false'
    keep untold
    for name in told untold; do echo 'keep.last = 1' >>/etc/igotchuu/jobs/$name.toml; done
    reload
    for name in told untold; do run $name; done
    before=$(by_hand --no-lock list snapshots | wc --lines)
    next_second
    run told
    ! systemctl start igotchuu@untold 2>/dev/null || fail 'that nothing could be removed is a success'
    assert_outcome untold partial
    title "$(last untold .message)"
    assert_says "$(last untold .message)" 'untold: backed up; old snapshots could not be removed: '
    assert_says "$(last untold .message)" 'maintenance = false'
    systemctl reset-failed igotchuu@untold
    [ "$(by_hand --no-lock list snapshots | wc --lines)" = $((before + 2)) ] || fail 'a snapshot is gone'
    assert_host_as_before
    assert_no_locks 'a run that may not forget'
}

part_append_only() {
    title 'a server that only lets add: backups work, also after one that was cut; nothing is forgotten'
    run main
    local before
    before=$(by_hand --no-lock list snapshots | wc --lines)
    [ "$before" -gt 1 ] || fail 'there is nothing to forget: this tests nothing'
    by_hand forget --keep-last 1 --group-by '' >/dev/null 2>&1 || true # restic 0.18 may call that a success
    [ "$(by_hand --no-lock list snapshots | wc --lines)" = "$before" ] || fail 'a snapshot is gone'
    begin_slow
    stop_slow 60
    assert_no_locks 'a run that was stopped'
    run main
}

part_words() {
    title 'no secret can be seen while restic works, nor afterwards'
    begin_slow
    secrets_seen "${secret_variables[@]}" >"$stage/found" 2>"$stage/found.of"
    ! grep --quiet '^0 ' "$stage/found.of" || fail 'restic did not run: this tests nothing'
    stop_slow 60
    assert_no_locks 'a run that was stopped'
    [ ! -s "$stage/found" ] || fail "$(cat "$stage/found")"
}
secrets_seen() { "$here/find-words.py" "$stage/words" "$stage_began" "$@"; }

part_restore() {
    title 'what is restored is what was backed up, and the repository is sound'
    run main
    [ "$kind" != s3 ] || begin_whole
    is_restored main
    by_hand check --read-data
    [ "$kind" != s3 ] || end_whole
}
# dbstore, radosgw's store without a cluster, sends the wrong bytes for a part of an object: restic cannot restore through it, nor a backup be proven.
begin_whole() {
    local whole_port
    whole_port=$(free_port) direct=$location
    with_bucket exec "$here/whole-objects.py" "$whole_port" "$port" $server/cert.pem $server/key.pem 2>$server/whole.log &
    gate=$!
    location=${location/:$port\//:$whole_port/}
    await 30 'the one before the server' eval "port=$whole_port listens"
    keep whole
    printf 'prove = "full"\nprove-every-days = 0\n' >>/etc/igotchuu/jobs/whole.toml
    reload
    run whole
    [ "$(last whole .repositories[0].proof.finding)" = proven ] || fail "not proven: $(last whole .repositories[0].proof)"
    is_restored whole
}
end_whole() { # it has the secret in its environment
    kill $gate
    wait $gate || true
    location=$direct
}
is_restored() { # is_restored JOB: its latest snapshot is what the source is now
    rm -rf "$stage/restored"
    by_hand restore latest --tag "igotchuu-job=$1" --host "$(hostname)" --target "$stage/restored"
    assert_same /srv/k "$stage/restored/srv/k"
}

# --- the play ------------------------------------------------------------------------------------------------------------------------------

case $kind in
local) all=(secrets two_jobs missing wrong_password locked absent full stale_locks forgets maintained words restore) ;;
rest) all=(secrets two_jobs missing wrong_password locked absent append_only keeps_all dies proven pending stale_locks unreachable forgets maintained rclone_serves words restore) ;;
s3) all=(secrets two_jobs missing wrong_password locked absent init dies pending stale_locks unreachable forgets words restore) ;; # dbstore is no store to prune in, and its database no place to fill
sftp) all=(secrets own two_jobs missing wrong_password locked absent apart dies proven pending stale_locks full unreachable forgets maintained words restore) ;;
*) all=(secrets own two_jobs missing wrong_password locked absent init dies proven pending stale_locks unreachable forgets maintained words restore) ;;
esac
[ $# -gt 1 ] && parts=("${@:2}") || parts=("${all[@]}")

undo() {
    systemctl --quiet stop server silent garbage
    umount --quiet --lazy "$store"
    rm -rf $server /srv/{keep,sftp,rest,s3,webdav} /etc/rclone /etc/keep /etc/credstore/* /etc/credstore.encrypted/* $metrics
}
evidence() { tail -n 20 $server/log; }
printf 'canary\n' >"$stage/words"
printf '%s\n' "$password" >$server/password
chmod 0600 $server/password
secret keep-password <<<"$password"
declare -A stores=([local]=/srv/keep [sftp]=/srv/sftp [rest]=/srv/rest [s3]=/srv/s3 [rclone]=/srv/webdav)
store=${stores[$kind]}
mkdir -p "$store"
mount -t tmpfs -o size=100M,mode=0755 store "$store"
port=$(free_port) silent_port=$(free_port) away_port=$(free_port)
"on_$kind"
stdbuf --output=L dbus-monitor --system >"$stage/bus" 2>&1 &
monitor=$!
[ "$kind" = local ] || server_starts
new_btrfs /mnt/top
new_source /mnt/top k /srv/k
mkdir /srv/k/files
fill /srv/k/files few
by_hand init
make_cheap
keep main
keep slow
also slow <<<'limit-upload = 256'
reload
remember_host
run main
for part in "${parts[@]}"; do part_$part; done

assert_no_locks 'one of these'
mkdir -p "${metrics%/*}"
/usr/libexec/igotchuu-exec metrics $metrics
[ -s $metrics ] || fail 'there are no metrics to look at'

kill $monitor
wait $monitor || true
! grep --text --file="$stage/words" "$stage/bus" || fail 'it was on the bus'
grep --quiet igotchuu1 "$stage/bus" || fail 'dbus-monitor saw nothing'
[ -z "$(secrets_seen 2>/dev/null)" ] || fail "$(secrets_seen)"
title 'all is well'
