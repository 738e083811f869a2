#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""igotchuu start and stop of a user: refused with the remedy where polkit does not let her; with her password, asked for on her terminal, they work. Without the bus
it is said what works."""
import os
import pty
import pwd
import select
import subprocess
import termios
import time

from stage import STAND_IN_THAT_WAITS, fail, must, polkit_rule, run, show, stage, wait_for

PASSWORD = "correct horse"


def as_ada(*words):
    return ["runuser", "--user", "ada", "--", *words]


def refused(*words, says, status=1):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
    must(done.returncode == status, f"{words} exits with {done.returncode}: {done.stdout}")
    must(says in done.stdout, f"{words} says {done.stdout!r}, and not {says!r}")


class Terminal:
    def __init__(self, *words):
        entry = pwd.getpwnam("ada")
        self.said = ""
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            os.initgroups("ada", entry.pw_gid)
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
            os.execvp(words[0], words)

    def read_until(self, text):
        end = time.monotonic() + 20
        while text not in self.said:
            readable, _, _ = select.select([self.screen], [], [], max(0, end - time.monotonic()))
            if not readable:
                fail(f"the terminal does not show {text!r}, but {self.said!r}")
            try:
                self.said += os.read(self.screen, 4096).decode(errors="replace")
            except OSError:
                fail(f"it ended without {text!r}: {self.said!r}")

    def answer(self, password):
        self.read_until("Password: ")
        wait_for(10, "the terminal not to show it", lambda: not termios.tcgetattr(self.screen)[3] & termios.ECHO)
        os.write(self.screen, password.encode() + b"\n")

    def status(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


with stage(STAND_IN_THAT_WAITS + "\nuser ada\n"):
    print("- without a terminal nobody is asked", flush=True)
    refused(*as_ada("igotchuu", "start", "d"), says="polkit does not let you start job d; an administrator may:")
    must(show("igotchuu@d", "ActiveState") == "inactive", "a run began")

    print("- whom a rule lets", flush=True)
    with polkit_rule('if (action.id.indexOf("com.nyantec.igotchuu.") == 0 && subject.user == "ada") { return polkit.Result.YES; }'):
        run(*as_ada("igotchuu", "start", "d"))
        wait_for(10, "the run", lambda: show("igotchuu@d", "ActiveState") == "activating")
        run(*as_ada("igotchuu", "stop", "d"))
        wait_for(30, "the end", lambda: show("igotchuu@d", "ActiveState") == "failed")
        refused(*as_ada("igotchuu", "stop", "d"), says="does not run")
        refused(*as_ada("igotchuu", "start", "dd"), says='there is no job "dd"', status=64)
        run(*as_ada("igotchuu", "reload"))

    print("- with her password", flush=True)
    subprocess.run(["chpasswd"], input=f"ada:{PASSWORD}\n", text=True, check=True)
    run("systemctl", "reset-failed")
    with polkit_rule('if (action.id.indexOf("com.nyantec.igotchuu.") == 0 && subject.user == "ada") { return polkit.Result.AUTH_SELF; }'):
        terminal = Terminal("igotchuu", "start", "d")
        terminal.answer(PASSWORD)
        terminal.read_until("d starts: igotchuu watch d")
        must(terminal.status() == 0, "it failed")
        wait_for(10, "the run", lambda: show("igotchuu@d", "ActiveState") == "activating")
        run("igotchuu", "stop", "d")

    print("- without the bus", flush=True)
    hidden = ["unshare", "--mount", "bash", "-c", 'mount -t tmpfs none /run/dbus && exec "$@"', "_"]
    refused(*hidden, *as_ada("igotchuu", "start", "d"), says="as root this works without it")
