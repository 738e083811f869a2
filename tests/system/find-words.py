#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""find-words.py FILE SINCE [VARIABLE…]: where on this machine one of the words of FILE, a line each, can be seen that nobody should see; a line a place.

It looks where secrets have been seen before: at the command lines and environments of all processes, units and what systemd says of them, the journal since
SINCE, state, records and metrics of igotchuu. In the environment of restic, and of what restic started, only the VARIABLEs may have one.
"""
import os, pathlib, subprocess, sys

words = [line.encode() for line in pathlib.Path(sys.argv[1]).read_text().splitlines() if line]
since, allowed = sys.argv[2], [name.encode() for name in sys.argv[3:]]
if not words:
    sys.exit("no words to look for")


def look(where, text):
    for word in words:
        if word in text:
            print(f"{where}: …{text[max(0, text.index(word) - 80):][:160].decode(errors='replace')}")


def of(process, name):
    try:
        return pathlib.Path(f"/proc/{process}/{name}").read_bytes()
    except OSError:  # it is gone, or the kernel's
        return b""


def is_restics(process):
    while process > 1:
        if of(process, "comm").strip() == b"restic":
            return True
        stat = of(process, "stat")
        process = int(stat[stat.rindex(b")") + 2:].split()[1]) if stat else 0
    return False


seen = 0
for process in map(int, filter(str.isdigit, os.listdir("/proc"))):
    look(f"command line of {process}", of(process, "cmdline"))
    restics = is_restics(process)
    seen += restics
    for line in of(process, "environ").split(b"\0"):
        if not (restics and line.split(b"=")[0] in allowed):
            look(f"environment of {process} ({of(process, 'comm').decode().strip()})", line)

for command in ["systemctl show", "systemctl show *", "systemctl cat igotchuu@* igotchuu-*", f"journalctl --quiet --output export --since @{since}"]:
    look(command, subprocess.run(command.split(), capture_output=True).stdout)
for top in ["/run/systemd/generator", "/run/systemd/transient", "/run/systemd/system", "/etc/systemd/system", "/run/igotchuu", "/var/lib/igotchuu/jobs",
            "/var/lib/igotchuu/repositories", "/var/lib/igotchuu/kept", "/var/lib/igotchuu/notify", "/var/cache/igotchuu", "/var/lib/prometheus/node-exporter"]:
    for file in filter(pathlib.Path.is_file, pathlib.Path(top).rglob("*")):
        look(file, file.read_bytes())
print(f"{seen} processes of restic", file=sys.stderr)
