#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever is sent to igotchuud, by root or by nobody, is answered with a D-Bus error that has a name and one sentence, and harms nothing.
Nobody but igotchuud can own its names, and nobody can call more than its interfaces."""
import contextlib

from caller import ERROR, NAME, ROOT, Call, Caller
from stage import Daemon, must, show, stage

OLD_NAME = "com.nyantec.IGotChuu"
MANAGER, JOB, D = f"{NAME}.Manager1", f"{NAME}.Job1", "/com/nyantec/igotchuu/job/d"
NO_JOBS = ["", "x", "d ", "D", "../d", "/", "d\n", "a\nb\x1b[31m", "\u202ed", "x" * 10_000, "%s%n{}", "d.toml", "igotchuu@d.service", "*"]
NO_NAMES = (("u", (7,)), ("", ()), ("ss", ("d", "d")), ("as", (["d"],)), ("o", (D,)), ("v", ({"s": "d"},)), ("ay", ([100],)))
HUGE = "x" * (16 << 20)
BUS_ERROR = "org.freedesktop.DBus.Error."
NOT_THERE = {BUS_ERROR + name for name in ("UnknownMethod", "UnknownObject", "UnknownInterface", "UnknownProperty", "PropertyReadOnly", "InvalidArgs")}


def by_name(member, *arguments, signature="s"):
    return Call(MANAGER, member, ROOT, signature, arguments)


def unknown_jobs():
    return [by_name(member, name) for name in [*NO_JOBS, HUGE] for member in ("GetJob", "Start")]


def wrong_types():
    return [
        *(by_name(member, *arguments, signature=signature) for member in ("GetJob", "Start") for signature, arguments in NO_NAMES),
        *(Call(interface, "Stop", ROOT, "s", (HUGE,)) for interface in (f"{NAME}1", f"{NAME}2")),
        *(Call(JOB, member, D, "s", ("x",)) for member in ("Start", "Stop", "GetSources", "GetLastMessages")),
        Call(MANAGER, "Reload", ROOT, "b", (True,)),
    ]


def what_is_not_there():
    return [
        Call(MANAGER, "Stop"), Call(MANAGER, "stop"), Call(MANAGER, "Reload", D),
        *(Call(JOB, "Start", path) for path in (ROOT, "/", ROOT + "/job", ROOT + "/job/nowhere", ROOT + "/job/_2e_2e_2fd", D + "/" + "x" * 500)),
        Call(f"{NAME}1", "Start"), Call(f"{NAME}2", "Progress"), Call(f"{NAME}1", "Stop", D),
        *(Call("org.freedesktop.DBus.Properties", "Set", path, "ssv", (interface, name, {"s": "x"}))
          for path, interface, name in ((D, JOB, "Name"), (D, JOB, "State"), (D, JOB, "Nothing"), (ROOT, MANAGER, "Version"))),
        *(Call("org.freedesktop.DBus.Properties", "Get", path, "ss", (interface, name))
          for path, interface, name in ((D, JOB, "Nothing"), (D, HUGE[:500], "Name"), (D, MANAGER, "Version"), (ROOT, f"{NAME}1", "x"))),
    ]


def what_the_policy_forbids():
    return [
        Call(None, "Start", D), Call(None, "Stop"), Call(None, "Reload"), Call("org.example", "Stop"), Call("com.nyantec.igotchuu3", "Stop"),
        Call("org.freedesktop.DBus.Debug.Stats", "GetStats"), Call("org.freedesktop.systemd1.Manager", "Reload"),
        Call(None, "Stop", destination=OLD_NAME), Call("org.example", "Stop", destination=OLD_NAME),
    ]


def one_sentence(answer):
    return answer.sentence and not any(ord(letter) < 32 or letter in "\x7f\u202e" for letter in answer.sentence) and len(answer.sentence) < 1000


def all_are(user, calls, names):
    for at in range(0, len(calls), 10):  # no more than wait for polkit at once
        for call, answer in zip(calls[at : at + 10], callers[user].call(*calls[at : at + 10])):
            must(answer.error in names, f"{user} calls {call} and gets {answer.error or 'success'}: {answer.sentence[:300]}, not one of {names}")
            must(one_sentence(answer), f"{user} calls {call}; this is no sentence: {answer.sentence[:1000]!r}")


def nobody_else_owns_the_names():
    def own(name):
        return Call("org.freedesktop.DBus", "RequestName", "/org/freedesktop/DBus", "su", (name, 4), "org.freedesktop.DBus")

    for name in (NAME, OLD_NAME):
        for user in ("nobody", "root"):
            all_are(user, [own(name)], {BUS_ERROR + "AccessDenied"})
        mine = callers["igotchuud"].call(own(name))[0]
        must(mine.results == [3], f"igotchuud itself: {mine}")  # EXISTS: it may, and another process of it does


def nobody_has_a_right_on_the_old_interface():
    """A run that goes on is what Stop is about; without one there is nothing to refuse."""
    for interface in (f"{NAME}1", f"{NAME}2"):
        for destination in (NAME, OLD_NAME):
            all_are("nobody", [Call(interface, "Stop", destination=destination)], {ERROR + "NotRunning"})


def play():
    before = show("igotchuu@d", "InvocationID")
    for user in ("nobody", "root"):
        print(f"- {user}", flush=True)
        all_are(user, unknown_jobs(), {ERROR + "NoSuchJob"})
        all_are(user, wrong_types(), {BUS_ERROR + "InvalidArgs", BUS_ERROR + "UnknownMethod"})
        all_are(user, what_is_not_there(), NOT_THERE)
        all_are(user, what_the_policy_forbids(), {BUS_ERROR + "AccessDenied"})
    nobody_else_owns_the_names()
    nobody_has_a_right_on_the_old_interface()
    daemon.still_lives()
    must(show("igotchuu@d", "InvocationID") == before, "a run began")


with stage("mkdir -p /srv/d; job d <<<'sources = [\"/srv/d\"]'; reload"), contextlib.ExitStack() as callers_leave:
    callers = {user: Caller(user) for user in ("nobody", "root", "igotchuud")}
    for each in callers.values():
        callers_leave.callback(each.close)
    daemon = Daemon()
    play()
