#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The bus lets nobody wait for more than 128 answers at once; igotchuud has a question for systemd about each job's timer. With 200 new jobs
a Reload starts every timer, and each job knows when it runs next, as it does for an igotchuud that begins anew."""
import contextlib

from caller import NAME, ROOT, Call, Caller
from stage import must, run, stage, wait_for

JOBS = 200
SETTING = f"""
mkdir -p /srv/d /etc/igotchuu/jobs
for number in {{1..{JOBS}}}; do printf '%s\\n' 'sources = ["/srv/d"]' [timer] 'OnCalendar = "yearly"' >/etc/igotchuu/jobs/job-$number.toml; done
"""


def know_when_they_run():
    objects = root.call(Call("org.freedesktop.DBus.ObjectManager", "GetManagedObjects", ROOT))[0].results[0]
    return sum(interfaces[f"{NAME}.Job1"]["NextRunTimestamp"] > 0 for path, interfaces in objects.items() if f"{NAME}.Job1" in interfaces)


with stage(SETTING), contextlib.closing(Caller("root")) as root:
    reloaded = root.call(Call(f"{NAME}.Manager1", "Reload"))[0]
    must(not reloaded.error, f"Reload: {reloaded.sentence}")
    running = run("systemctl", "list-units", "--no-legend", "--state=active", "igotchuu@job-*.timer").count("\n") + 1
    must(running == JOBS, f"{running} timers run")
    wait_for(20, "each job to know when it runs", lambda: know_when_they_run() == JOBS)
    run("systemctl", "stop", "igotchuud")
    wait_for(20, "each job to know it again", lambda: know_when_they_run() == JOBS)
    run("systemctl", "stop", "igotchuu@*.timer")
