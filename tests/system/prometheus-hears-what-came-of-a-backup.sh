#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With igotchuu-metrics.service enabled, Debian's node exporter hands out what came of each run, soon after its end, and understands all of it.
. "$(dirname "$0")/stage.sh"
directory=/var/lib/prometheus/node-exporter
undo() { systemctl --quiet disable --now igotchuu-metrics.service; rm -f $directory/igotchuu.prom; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
job d <<<'sources = ["/srv/d"]'
reload
mkdir -p $directory
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
prometheus-node-exporter --collector.disable-defaults --collector.textfile --collector.textfile.directory=$directory \
    --web.listen-address="127.0.0.1:$port" >"$stage/exporter" 2>&1 &
systemctl enable --now igotchuu-metrics.service
scraped() { python3 -c 'import sys, urllib.request as r; sys.stdout.write(r.urlopen(sys.argv[1]).read().decode())' "http://127.0.0.1:$port/metrics" 2>/dev/null; }
shows() { scraped | awk -v line="$1" '$0 == line {found = 1} END {exit !found}'; }

systemctl start igotchuu@d
await 30 'the success' shows 'igotchuu_last_run_outcome{backup="d",outcome="success"} 1'
await 30 'its repository' shows 'igotchuu_repository_processed_files{backup="d",repository="default"} 1'
await 30 'no error of the collector' shows 'node_textfile_scrape_error 0'
maintained m
systemctl start igotchuu-maintenance@m
await 30 'a maintenance' shows 'igotchuu_maintenance_last_run_outcome{outcome="success",repository="m"} 1'
await 30 'that it is sound' shows 'igotchuu_repository_damaged{repository="m"} 0'
await 30 'no error of the collector' shows 'node_textfile_scrape_error 0'
echo 'sources = ["/srv/gone"]' | job d
reload
! systemctl start igotchuu@d || fail 'a success'
await 30 'the failure' shows 'igotchuu_last_run_outcome{backup="d",outcome="failed"} 1'
await 30 'that it is no success' shows 'igotchuu_last_run_outcome{backup="d",outcome="success"} 0'
rm /var/lib/igotchuu/jobs/d.json
gone() { ! scraped | awk '/backup="d"/ {found = 1} END {exit !found}'; }
await 30 'a job that is forgotten to be gone' gone
