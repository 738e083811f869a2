#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whoever calls over the system bus: a process of its own for each user, since the bus believes nothing but the socket; and what it is answered."""
import collections
import dataclasses
import json
import os
import pwd
import subprocess
import sys
import time

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

NAME = "com.nyantec.igotchuu"
ROOT = "/com/nyantec/igotchuu"
ERROR = "com.nyantec.igotchuu.Error."
PATIENCE = 20_000  # milliseconds, for one answer: whoever needs as long has hung


@dataclasses.dataclass(frozen=True)
class Call:
    interface: str | None
    member: str
    path: str = ROOT
    signature: str = ""
    arguments: tuple = ()
    destination: str = NAME
    interactive: bool = False
    connection: int = 0  # of the caller's process: to have more than one

    def __str__(self):
        return f"{self.interface}.{self.member} of {self.path[:80]}" + (f" with {repr(self.arguments)[:60]}" if self.arguments else "")


@dataclasses.dataclass(frozen=True)
class Answer:
    error: str  # empty: there is none; "hangs": no answer came
    sentence: str
    results: list
    seconds: float


def connect():
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    return Gio.DBusConnection.new_for_address_sync(Gio.dbus_address_get_for_bus_sync(Gio.BusType.SYSTEM), flags, None, None)


def value_of(argument):
    """{SIGNATURE: VALUE} is a variant. A list may be a tuple, too: JSON made it one."""
    if isinstance(argument, dict):
        [(signature, value)] = argument.items()
        return GLib.Variant(signature, value_of(value))
    return tuple(map(value_of, argument)) if isinstance(argument, (list, tuple)) else argument


def message_of(call):
    message = Gio.DBusMessage.new_method_call(call.destination, call.path, call.interface, call.member)
    if call.signature:
        message.set_body(GLib.Variant(f"({call.signature})", value_of(call.arguments)))
    if call.interactive:
        message.set_flags(Gio.DBusMessageFlags.ALLOW_INTERACTIVE_AUTHORIZATION)
    return message


def answers(calls_of_connections, window=1_000_000):
    """Sends all calls of all (connection, calls), of each connection `window` at once and others as those are answered; their answers, in that order."""
    loop, given = GLib.MainLoop(), [[None] * len(calls) for _, calls in calls_of_connections]
    left = sum(map(len, given))

    def send(connection, calls, into, index):
        began = time.monotonic()
        connection.send_message_with_reply(message_of(calls[index]), Gio.DBusSendMessageFlags.NONE, PATIENCE, None, answered, calls, into, index, began)

    def answered(connection, result, calls, into, index, began):
        nonlocal left
        into[index] = answer_of(connection, result, time.monotonic() - began)
        if index + window < len(calls):
            send(connection, calls, into, index + window)
        left -= 1
        if left == 0:
            loop.quit()

    for (connection, calls), into in zip(calls_of_connections, given):
        for index in range(min(window, len(calls))):
            send(connection, calls, into, index)
    if left:
        loop.run()
    return [answer for of_connection in given for answer in of_connection]


def answer_of(connection, result, seconds):
    try:
        reply = connection.send_message_with_reply_finish(result)
    except GLib.Error as failure:
        return Answer("hangs", failure.message, [], seconds)
    body = reply.get_body().unpack() if reply.get_body() else ()
    error = reply.get_error_name() or ""
    return Answer(error, body[0] if error and body else "", list(body), seconds)


class Caller:
    """A process of `user`; with `session` it is one of a person who sits at this machine."""

    def __init__(self, user, session=False):
        self.user = user
        if user not in (entry.pw_name for entry in pwd.getpwall()):
            subprocess.run(["useradd", "--create-home", user], check=True)
        command, identity = [sys.executable, __file__], {}
        if session:
            settings = ["--property=PAMName=login", "--setenv=XDG_SEAT=seat0", "--setenv=XDG_SESSION_TYPE=tty", "--setenv=XDG_SESSION_CLASS=user"]
            command = ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", f"--uid={user}", *settings, "--", *command]
        else:
            entry = pwd.getpwnam(user)
            identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/", **identity)
        self.pid = int(self.process.stdout.readline())  # it is connected

    def ask(self, *calls):
        """Sends them; answers() waits for what comes. So can several callers call at once."""
        print(json.dumps([dataclasses.asdict(call) for call in calls]), file=self.process.stdin, flush=True)

    def answers(self):
        return [Answer(**answer) for answer in json.loads(self.process.stdout.readline())]

    def call(self, *calls):
        self.ask(*calls)
        return self.answers()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()  # of answers that nobody has read
        self.process.wait()


if __name__ == "__main__":
    connections = collections.defaultdict(connect)
    connections[0].flush_sync()
    print(os.getpid(), flush=True)
    for line in sys.stdin:
        calls = [Call(**call) for call in json.loads(line)]
        print(json.dumps([dataclasses.asdict(answer) for answer in answers([(connections[call.connection], [call]) for call in calls])]), flush=True)
