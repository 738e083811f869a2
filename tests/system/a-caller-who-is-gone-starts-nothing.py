#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Callers who do not wait for an answer, and are gone when polkit is asked about them: igotchuud lives, and those who may not, or who left
while polkit was silent, have started nothing, and cost nobody else an answer."""
import contextlib
import subprocess

from caller import NAME, Call, Caller, connect, message_of
from stage import STAND_IN_THAT_WAITS, Daemon, must, polkit_frozen, run, show, stage, wait_for

from gi.repository import Gio

D = "/com/nyantec/igotchuu/job/d"
START = Call(f"{NAME}.Job1", "Start", D)
MANY = [Call(f"{NAME}.Job1", "GetLastMessages", D, connection=connection) for connection in range(4) for _ in range(16)]
A_RIGHT = Call(f"{NAME}.Job1", "GetSources", D)  # whose answer comes from polkit


def fleeting(user, times):
    """busctl that waits for no answer, and is killed after 5 to 40 ms: before it has come as far as to connect, while it does, or after it has sent."""
    for_a_moment = ["xargs", "--max-procs=4", "--replace=%", "setpriv", f"--reuid={user}", "--clear-groups", "timeout", "%"]
    busctl = ["busctl", "--expect-reply=no", "call", NAME, D, f"{NAME}.Job1", "Start"]
    moments = "0.005\n0.01\n0.02\n0.03\n0.04\n" * (times // 5)
    subprocess.run([*for_a_moment, *busctl], input=moments, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def that_leave(times):
    """The call is sent, and the connection is closed at once: igotchuud hears it from somebody who is gone."""
    for _ in range(times):
        bus = connect()
        bus.send_message(message_of(START), Gio.DBusSendMessageFlags.NONE)
        bus.flush_sync()
        bus.close_sync()


def polkit_and_igotchuud_are_through():
    for caller in callers.values():
        must(not caller.call(A_RIGHT)[0].error.endswith("PolkitUnavailable"), "polkit does not answer any more")


def others_are_answered(times):
    """As many as may wait, while others leave: what polkit says of those is not taken for its silence."""
    for _ in range(times):
        for caller in callers.values():
            caller.ask(*MANY)
        that_leave(20)
        for user, caller in callers.items():
            wrong = [answer for answer in caller.answers() if answer.error.endswith("PolkitUnavailable")]
            must(not wrong, f"{user} gets {wrong[:1]}, though it was others who left")


def nothing_began(who):
    polkit_and_igotchuud_are_through()
    must((show("igotchuu@d", "InvocationID"), show("igotchuu@d", "ActiveState")) == ("", "inactive"), f"{who} have started a run")
    daemon.still_lives()


def play():
    fleeting("nobody", 500)
    nothing_began("those who may not")

    with polkit_frozen():
        that_leave(50)
        leaving = Caller("root")
        leaving.ask(*[START] * 10)
        wait_for(5, "polkit to be asked", lambda: callers["root"].call(Call(f"{NAME}.Manager1", "ListJobs"))[0].results)
        leaving.process.kill()
        leaving.process.wait()
    nothing_began("those who left before polkit answered")

    fleeting("root", 500)
    that_leave(50)
    others_are_answered(20)
    polkit_and_igotchuud_are_through()
    daemon.still_lives()
    run("systemctl", "stop", "igotchuu@*.service")
    cores = run("find", "/", "-xdev", "-maxdepth", "1", "-name", "core*")
    must(not cores and "core-dump" not in run("journalctl", "--unit=igotchuud", "--since=-5min", "--output=cat"), f"igotchuud dumped core {cores}")


with stage(STAND_IN_THAT_WAITS), contextlib.ExitStack() as callers_leave:
    callers = {user: Caller(user) for user in ("nobody", "root")}
    for each in callers.values():
        callers_leave.callback(each.close)
    daemon = Daemon()
    play()
