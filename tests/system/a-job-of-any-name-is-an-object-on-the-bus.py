#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A job's name comes over the bus as it is, whatever is in it; its object is where sd_bus_path_encode(3) puts its unit's instance, and starts
it. What a refusal says to type starts that very job, too: typed as it stands, by root."""
import contextlib
import json
import pathlib
import re
import subprocess

from caller import NAME, Call, Caller
from stage import must, run, show, stage, wait_for

OBJECTS = {
    "nas.example-01": "nas_2eexample_2d01",
    "büro": "b_5cxc3_5cxbcro",
    "9lives": "_39lives",
    "-": "_2d",
    "it's": "it_5cx27s",
    "*": "_5cx2a",
    "TV Shows": "TV_5cx20Shows",
}


def instance_of(name):
    return re.sub(rb"[^a-zA-Z0-9:_.\\@-]", lambda byte: b"\\x%02x" % byte[0][0], name.encode()).decode()


def runs(name):
    record = pathlib.Path("/var/lib/igotchuu/jobs", instance_of(name) + ".json")
    return [past["outcome"] for past in json.loads(record.read_text())["history"]] if record.exists() else []


def answer(user, call):
    return callers[user].call(call)[0]


def starts(name, how, call):
    unit = f"igotchuu@{instance_of(name)}.service"
    wait_for(10, f"{unit} to be over", lambda: show(unit, "ActiveState") in ("inactive", "failed"))
    before = runs(name)
    said = call()
    wait_for(10, f"a run of {name}, which {how} should have begun ({said})", lambda: len(runs(name)) > len(before))
    must(runs(name)[0] == "success", f"the run of {name} is a {runs(name)[0]}")


def play():
    jobs = answer("root", Call(f"{NAME}.Manager1", "ListJobs")).results[0]
    must(sorted(name for name, *_ in jobs) == sorted(OBJECTS), f"the jobs are {jobs}")
    tree = run("busctl", "--list", "tree", NAME).splitlines()
    for name, encoded in OBJECTS.items():
        path = f"/com/nyantec/igotchuu/job/{encoded}"
        must(path in tree, f"{path} is not in what busctl sees: {tree}")
        for called in (name, instance_of(name)):
            found = answer("nobody", Call(f"{NAME}.Manager1", "GetJob", signature="s", arguments=(called,)))
            must(found.results == [path], f"{called} is {found}, not at {path}")
        shown = answer("nobody", Call("org.freedesktop.DBus.Properties", "Get", path, "ss", (f"{NAME}.Job1", "Name")))
        must(shown.results == [name], f"{name} calls itself {shown}")
        starts(name, "Job1.Start", lambda: answer("root", Call(f"{NAME}.Job1", "Start", path)))
        starts(name, "Manager1.Start", lambda: answer("root", Call(f"{NAME}.Manager1", "Start", signature="s", arguments=(name,))))
        refusal = answer("nobody", Call(f"{NAME}.Job1", "Start", path)).sentence
        command = re.search(r"an administrator may: (.*?);", refusal)
        must(command, f"the refusal does not say what to do: {refusal}")
        starts(name, command[1], lambda: subprocess.run(["bash", "-c", command[1]], check=False))


files = "\n".join(f"job {json.dumps(name, ensure_ascii=False)} <<<$'sources = [\"/srv/d\"]\\nrepositories = [\"stand-in\"]'" for name in OBJECTS)
with stage(f"new_btrfs /mnt/top\nnew_source /mnt/top d /srv/d\nstand_in <<<'echo \"$summary\"'\nrm /etc/igotchuu/jobs/d.toml\n{files}\nreload\n"), \
        contextlib.ExitStack() as callers_leave:
    callers = {user: Caller(user) for user in ("nobody", "root")}
    for each in callers.values():
        callers_leave.callback(each.close)
    play()
