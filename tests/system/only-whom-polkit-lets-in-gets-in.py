#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every method of the interfaces' XML, called by nobody, by a person at this machine, by a user with a rule for job d, and by root; while
polkit lets everyone in, goes by its rules, is not there, and is frozen. Who may not gets a named error within two seconds that says what to
do, and nothing happens."""
import contextlib
import itertools

from caller import ERROR, NAME, Call, Caller
from stage import HERE, STAND_IN_THAT_WAITS, fail, must, polkit_absent, polkit_frozen, polkit_rule, run, show, stage, wait_for, wait_for_phase

D, E = (f"/com/nyantec/igotchuu/job/{job}" for job in "de")
CALLS = {
    ("com.nyantec.igotchuu.Job1", "Start"): {"path": D},
    ("com.nyantec.igotchuu.Job1", "Stop"): {"path": D},
    ("com.nyantec.igotchuu.Job1", "GetSources"): {"path": D},
    ("com.nyantec.igotchuu.Job1", "GetLastMessages"): {"path": D},
    ("com.nyantec.igotchuu.Manager1", "ListJobs"): {},
    ("com.nyantec.igotchuu.Manager1", "ListRepositories"): {},
    ("com.nyantec.igotchuu.Manager1", "GetJob"): {"signature": "s", "arguments": ("d",)},
    ("com.nyantec.igotchuu.Manager1", "Start"): {"signature": "s", "arguments": ("d",)},
    ("com.nyantec.igotchuu.Manager1", "Reload"): {},
    ("com.nyantec.igotchuu1", "Stop"): {},
    ("com.nyantec.igotchuu2", "Stop"): {},
}
RESULTS = {
    "GetSources": [["/srv/d"]],
    "GetLastMessages": None,  # whatever the last run said
    "ListJobs": [[["d", "idle", D], ["e", "idle", E]]],
    "ListRepositories": [["stand-in"]],
    "GetJob": [D],
}

BOBS_RULE = 'if (subject.user == "bob" && /^com\\.nyantec\\.igotchuu\\./.test(action.id) && action.lookup("job") == "d") return polkit.Result.YES;'
EVERYONES_RULE = "if (/^com\\.nyantec\\.igotchuu\\./.test(action.id)) return polkit.Result.YES;"
POLKIT = {
    "lets everyone in": lambda: polkit_rule(EVERYONES_RULE),
    "goes by its rules": lambda: polkit_rule(BOBS_RULE),
    "is absent": polkit_absent,
    "is frozen": polkit_frozen,
}


def may(user, right, polkit):
    if right == "anyone" or polkit == "lets everyone in":
        return True
    return polkit == "goes by its rules" and (user == "root" or (user == "bob" and right != "reload"))


def table():
    """(call, right) of every method."""
    lines = run("python3", HERE / "../../dbus/methods.py", "table", *sorted((HERE / "../../dbus").glob("*.xml"))).splitlines()
    methods = []
    for interface, member, signature, right in map(str.split, lines):
        must((interface, member) in CALLS, f"nobody has said here how {interface}.{member} is called, so that it is not tested who may")
        call = Call(interface, member, **CALLS[interface, member])
        must(signature == (call.signature or "-"), f"{interface}.{member} is called with {call.signature}, and is of {signature}")
        methods.append((call, right))
    must(len(methods) == len(CALLS), "a method that is called here is not in the XML")
    return methods


def runs():
    """Which run systemd had last of each job, and whether it goes on; and when systemd last read its units."""
    return show("igotchuu@d igotchuu@e", "InvocationID", "ActiveState"), show("", "UnitsLoadTimestampMonotonic")


def goes_on(job):
    return show(f"igotchuu@{job}", "ActiveState") == "activating"


def begin(*jobs):
    for job in jobs:
        run("systemctl", "start", "--no-block", f"igotchuu@{job}")
        wait_for_phase(job, "restic")


def end_all():
    run("systemctl", "stop", "igotchuu@*.service")
    state = Call("org.freedesktop.DBus.Properties", "Get", D, "ss", ("com.nyantec.igotchuu.Job1", "State"))
    wait_for(10, "igotchuud to know", lambda: callers["root"].call(state)[0].results == ["idle"])


def refused(answer, polkit):
    """Why that is no refusal as it must be; else nothing."""
    name = ERROR + ("PolkitUnavailable" if polkit in ("is absent", "is frozen") else "NotAuthorized")
    if answer.error != name:
        return f"{answer.error or 'success'} ({answer.sentence}), not {name}"
    if answer.seconds >= 2:
        return f"the answer after {answer.seconds:.2f} s"
    if "systemctl" not in answer.sentence:
        return f"a sentence that does not say what to do: {answer.sentence}"


def all_refused(methods, polkit):
    """Everyone at once calls what they may not: nothing comes of it."""
    before = runs()
    calls = {user: [call for call, right in methods if not may(user, right, polkit)] for user in callers}
    for user, caller in callers.items():
        caller.ask(*calls[user])
    for user, caller in callers.items():
        for call, answer in zip(calls[user], caller.answers()):
            if wrong := refused(answer, polkit):
                fail(f"polkit {polkit}: {user} calls {call}: {wrong}")
    must(runs() == before, f"polkit {polkit}: something was started, stopped or read by those who may not: {before} became {runs()}")


def works(user, call, right):
    before = runs()
    answer = callers[user].call(call)[0]
    must(not answer.error, f"{user} may call {call}, and gets {answer.error}: {answer.sentence}")
    if right in ("anyone", "view"):
        must(RESULTS[call.member] in (None, answer.results), f"{user} gets {answer.results} from {call}")
        must(runs() == before, f"{call} changes something")
    elif right == "start":
        wait_for(10, "the run", lambda: goes_on("d"))
        must(runs()[0] != before[0], f"{call} began no run")
    elif right == "stop":
        wait_for(10, "the run to end", lambda: not goes_on("d"))
    elif right == "reload":
        must(runs()[1] != before[1], f"{call} did not reload")


def allowed(methods, user, polkit):
    by_right = {right: [call for call, of in methods if of == right and may(user, of, polkit)] for right in ("anyone", "view", "reload", "start", "stop")}
    for right in ("anyone", "view", "reload"):
        for call in by_right[right]:
            works(user, call, right)
    if not by_right["start"]:
        return
    for start, stop in itertools.zip_longest(by_right["start"], by_right["stop"]):
        if start:
            works(user, start, "start")
            wait_for_phase("d", "restic")
        else:
            begin("d")
        works(user, stop, "stop")
        end_all()


def only_that_job():
    """The rule for job d lets nobody near job e, and a Stop of everything stops what the caller may."""
    begin("d", "e")
    before = show("igotchuu@e", "InvocationID", "ActiveState")
    for answer in callers["bob"].call(Call(f"{NAME}.Job1", "Stop", E), Call(f"{NAME}.Manager1", "Start", signature="s", arguments=("e",))):
        must(answer.error == ERROR + "NotAuthorized", f"bob has a rule for job d, and gets {answer} for job e")
    works("bob", Call("com.nyantec.igotchuu1", "Stop"), "stop")
    must(show("igotchuu@e", "InvocationID", "ActiveState") == before, "bob stopped job e")
    end_all()


def play(methods):
    for polkit, as_such in POLKIT.items():
        print(f"- polkit {polkit}", flush=True)
        with as_such():
            all_refused([(call, right) for call, right in methods if right != "stop"], polkit)
            for user in callers:
                allowed(methods, user, polkit)
            begin("d", "e")
            all_refused([(call, right) for call, right in methods if right == "stop"], polkit)
            end_all()
            if polkit == "goes by its rules":
                only_that_job()
        must(not goes_on("d") and not goes_on("e"), f"polkit {polkit}: what was refused began afterwards")


SETTING = STAND_IN_THAT_WAITS + """
new_source /mnt/top e /srv/e
job e <<<$'sources = ["/srv/e"]\\nrepositories = ["stand-in"]'
reload
"""
with stage(SETTING), contextlib.ExitStack() as callers_leave:
    callers = {"nobody": Caller("nobody"), "alice": Caller("alice", session=True), "bob": Caller("bob"), "root": Caller("root")}
    for each in callers.values():
        callers_leave.callback(each.close)
    play(table())
