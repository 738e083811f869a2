#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# listen.py: every signal of igotchuu's, a JSON line each, as a client of the first igotchuu's bus name gets it. "ready" comes first.
# listen.py check FILE [INSTANCE…]: such a file holds, of each run: one begin, then what it is doing, then one end, on all three interfaces. Prints what the
# runs of these jobs came to, "INSTANCE RESULT" a line, in order.
import json
import re
import sys
import time

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib


def listen():
    def heard(_bus, _sender, path, interface, member, arguments):
        print(json.dumps([time.time(), path, interface, member, arguments.unpack()]), flush=True)

    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
    bus.signal_subscribe("com.nyantec.IGotChuu", None, None, None, None, Gio.DBusSignalFlags.NONE, heard)
    bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId", None, None, 0, -1)
    print("ready", flush=True)
    GLib.MainLoop().run()


def instance_of(path):
    """sd_bus_path_encode(3), backwards."""
    encoded = path.removeprefix("/com/nyantec/igotchuu/job/")
    return re.sub(rb"_([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), encoded.encode()).decode()


def must(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def check_legacy(events, runs):
    """They know no jobs: what has begun must end, once."""
    for interface in ("com.nyantec.igotchuu1", "com.nyantec.igotchuu2"):
        begun = ended = 0
        results = []
        for _, _, of, member, arguments in events:
            if of != interface:
                continue
            if member == "BackupStarted":
                begun += 1
            elif member == "Progress":
                must(begun > ended, f"{interface}: progress of nothing")
                status = json.loads(arguments[0]) if interface.endswith("1") else {"current_files": arguments[8], "percent_done": arguments[2]}
                must(status["current_files"] == [] and 0 <= status["percent_done"] <= 1, f"{interface}: {status}")
            else:
                ended += 1
                results.append(member == "BackupComplete")
        must(ended == len(runs), f"{interface}: {ended} ends of {len(runs)} runs")
        must(begun == len([r for r in runs if r[1] != "bad-configuration"]), f"{interface}: {begun} begins of {runs}")
        must(sorted(results) == sorted(r[1] in ("success", "partial") for r in runs), f"{interface}: {results} for {runs}")


def check(file, instances):
    events = [json.loads(line) for line in open(file) if line != "ready\n"]
    runs, under_way = [], {}
    for _, path, interface, member, arguments in events:
        if interface != "com.nyantec.igotchuu.Job1":
            continue
        instance = instance_of(path)
        if member == "RunStarted":
            must(instance not in under_way, f"{instance}: {arguments[0]} begins in the middle of {under_way.get(instance)}")
            under_way[instance] = arguments[0]
        elif member == "Progress":
            must(instance in under_way, f"{instance}: progress of nothing")
        elif member == "RunEnded":
            begun = under_way.pop(instance, None)
            must(begun == arguments[0] or (begun is None and arguments[1] == "bad-configuration"), f"{instance}: {arguments[0]} ends, {begun} had begun")
            must(arguments[0] not in [r[2] for r in runs], f"{instance}: {arguments[0]} ends twice")
            runs.append((instance, arguments[1], arguments[0]))
    must(not under_way, f"no end of {under_way}")
    check_legacy(events, runs)
    for instance, result, _ in runs:
        if not instances or instance in instances:
            print(instance, result)


if len(sys.argv) > 1:
    check(sys.argv[2], sys.argv[3:])
else:
    listen()
