#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""However much is called at once, every call gets an answer: a result, or an error of ours. igotchuud lives, does not grow, and nothing runs that nobody knows.
Nobody can make more than 16 requests wait for polkit from one connection, nor more than 64 in all, and all of them end: so nobody keeps out others, and all others
together do not keep out root."""
import collections
import contextlib
import dataclasses
import random

from caller import ERROR, NAME, Call, Caller, answers, connect
from stage import STAND_IN_THAT_WAITS, Daemon, must, polkit_frozen, run, show, stage, wait_for

D = "/com/nyantec/igotchuu/job/d"
START, STOP = Call(f"{NAME}.Job1", "Start", D), Call(f"{NAME}.Job1", "Stop", D)
START_BY_NAME, RELOAD = Call(f"{NAME}.Manager1", "Start", signature="s", arguments=("d",)), Call(f"{NAME}.Manager1", "Reload")
STOP_ALL = Call("com.nyantec.igotchuu1", "Stop")
SEED = 7
OURS = {"", "AlreadyRunning", "NotRunning", "SystemdFailed"}


def count(given):
    return collections.Counter(answer.error.removeprefix(ERROR) for answer in given)


def while_polkit_is_frozen(daemon):
    """20 connections of 20 calls: 16 of each wait, and no more than 64 in all."""
    with polkit_frozen():
        one = count(answers([(connect(), [START] * 40)]))
        given = answers([(connect(), [START] * 20) for _ in range(20)])
        many = count(given)
    must(one == {"PolkitUnavailable": 16, "TooManyRequests": 24}, f"40 calls of one connection: {dict(one)}")
    must(many == {"PolkitUnavailable": 64, "TooManyRequests": 400 - 64}, f"400 calls of 20 connections: {dict(many)}")
    must(not [answer for answer in given if "pending replies" in answer.sentence], "the bus itself had to limit igotchuud")
    must(max(answer.seconds for answer in given) < 2, f"an answer took {max(answer.seconds for answer in given):.2f} s")
    must(show("igotchuu@d", "ActiveState") == "inactive", "a run began")
    daemon.still_lives()


def requests_that_wait():
    """At the most: each has a match rule of its own."""
    stats = Call("org.freedesktop.DBus.Debug.Stats", "GetConnectionStats", "/org/freedesktop/DBus", "s", (NAME,), "org.freedesktop.DBus")
    return answers([(connect(), [stats])])[0].results[0]["MatchRules"]


def nobody_keeps_out_others(daemon):
    with contextlib.ExitStack() as callers_leave:
        flooding, other, root = [Caller(user) for user in ("ada", "bob", "eve")], Caller("nobody"), Caller("root")
        for each in [*flooding, other, root]:
            callers_leave.callback(each.close)
        many = [dataclasses.replace(START, connection=connection) for connection in range(20) for _ in range(16)]
        for each in flooding:
            each.call(*(Call(f"{NAME}.Manager1", "ListJobs", connection=connection) for connection in range(20)))  # it is connected
        for floods, calls, error in (flooding[:1], other, "PolkitUnavailable"), (flooding, root, "PolkitUnavailable"), (flooding, other, "TooManyRequests"):
            answer = other.call(START)[0]  # and so are those that polkit was frozen at before: the bus counts them as long
            must(answer.error == f"{ERROR}NotAuthorized", f"{other.user} gets {answer}")
            with polkit_frozen():
                before = requests_that_wait()
                for each in floods:
                    each.ask(*many)
                wait_for(1, "them to wait", lambda: requests_that_wait() >= before + 64 * len(floods))
                answer = calls.call(START)[0]
                must(answer.error == ERROR + error, f"{calls.user} gets {answer} while {len(floods)} others flood igotchuud")
                for each in floods:
                    given = count(each.answers())
                    must(given == {"PolkitUnavailable": 64, "TooManyRequests": 320 - 64}, f"320 calls of {each.user}: {dict(given)}")
    daemon.still_lives()


def a_thousand_calls(daemon, window, may_be):
    """20 of each of 50 connections, as many of them at once as `window` says."""
    calls = random.Random(SEED).choices([START, START_BY_NAME, STOP, STOP_ALL, RELOAD], weights=[8, 4, 8, 4, 1], k=1000)
    given = answers([(connect(), calls[at : at + 20]) for at in range(0, 1000, 20)], window)
    kinds = count(given)
    print(f"- {dict(kinds)}, the slowest answer after {max(answer.seconds for answer in given):.1f} s, {daemon.memory():.0f} MiB", flush=True)
    must(set(kinds) <= may_be, f"these are no answers: {[answer for answer in given if answer.error.removeprefix(ERROR) not in may_be][:3]}")
    must(kinds[""] > 0, "none of them came to anything")
    must(not [answer for answer in given if "pending replies" in answer.sentence], "the bus itself had to limit igotchuud")
    daemon.still_lives()
    must(daemon.memory() < 64, f"igotchuud had {daemon.memory():.0f} MiB")


def nothing_is_left():
    run("systemctl", "stop", "igotchuu@*.service")
    wait_for(10, "the last run to be over for igotchuud",
             lambda: answers([(connect(), [STOP])])[0].error == ERROR + "NotRunning")
    must(run("bash", "-c", "pgrep --exact 'restic|igotchuu-exec' || true") == "", "a run is left that belongs to nobody")


with stage(STAND_IN_THAT_WAITS):
    daemon = Daemon()
    while_polkit_is_frozen(daemon)
    nobody_keeps_out_others(daemon)
    a_thousand_calls(daemon, 1, OURS)
    a_thousand_calls(daemon, 20, OURS | {"TooManyRequests"})
    nothing_is_left()
