#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A person at this machine who may be asked for a password, and gives an admin's, starts a backup. A wrong one, nobody who asks, or a call
that does not allow to ask is a named error, and no run. Somebody who lets all questions wait holds up nobody else, and one
whose question comes to nothing is told so: polkit is not said to be silent."""
import contextlib
import dataclasses
import os
import pty
import pwd
import select
import signal
import subprocess
import termios
import time

from caller import ERROR, NAME, Call, Caller
from stage import STAND_IN_THAT_WAITS, fail, must, run, show, stage, wait_for

D = "/com/nyantec/igotchuu/job/d"
PASSWORD = "correct horse"
STOP = Call(f"{NAME}.Job1", "Stop", D, interactive=True)
START, START_IF_I_MUST_ASK = (Call(f"{NAME}.Job1", "Start", D, interactive=interactive) for interactive in (False, True))


class Agent:
    """pkttyagent(1), who asks on a terminal whoever `caller` belongs to."""

    def __init__(self, caller):
        entry = pwd.getpwnam(caller.user)
        self.ready, notifies = os.pipe()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.set_inheritable(notifies, True)
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
            os.execvp("pkttyagent", ["pkttyagent", "--process", str(caller.pid), "--notify-fd", str(notifies)])
        os.close(notifies)
        self.said = ""

    def is_registered(self):
        must(os.read(self.ready, 1) == b"", "the agent says more than that it is there")  # it closes the descriptor, pkttyagent(1)

    def read_until(self, text):
        end = time.monotonic() + 15
        while text not in self.said:
            readable, _, _ = select.select([self.terminal], [], [], max(0, end - time.monotonic()))
            if not readable:
                fail(f"the agent does not say {text!r}, but {self.said!r}")
            self.said += os.read(self.terminal, 4096).decode()
        self.said = ""

    def answer(self, password):
        self.read_until("Password: ")
        # what is typed while it still shows is thrown away
        wait_for(10, "the terminal not to show it", lambda: not termios.tcgetattr(self.terminal)[3] & termios.ECHO)
        os.write(self.terminal, password.encode() + b"\n")

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)
        os.close(self.ready)


def refused(answer):
    must(answer.error == ERROR + "NotAuthorized", f"ada gets {answer.error or 'success'}: {answer.sentence}")
    must(show("igotchuu@d", "ActiveState") == "inactive", "a run began")


def play(ada):
    print("- nobody is there to ask", flush=True)
    for answer in ada.call(START, START_IF_I_MUST_ASK):
        refused(answer)
        must(answer.seconds < 2, f"that took {answer.seconds:.2f} s")

    with contextlib.closing(Agent(ada)) as agent:
        print("- the call does not allow to ask", flush=True)
        agent.is_registered()
        refused(ada.call(START)[0])

        print("- a wrong password", flush=True)
        ada.ask(START_IF_I_MUST_ASK)
        agent.answer("wrong")
        refused(ada.answers()[0])

        print("- the right one", flush=True)
        ada.ask(START_IF_I_MUST_ASK)
        agent.answer(PASSWORD)
        answer = ada.answers()[0]
        must(not answer.error, f"ada gave the password, and gets {answer}")
        wait_for(10, "the run", lambda: show("igotchuu@d", "ActiveState") == "activating")  # it is answered when systemd has queued it


def whoever_does_not_answer_holds_up_nobody(ada, root):
    with contextlib.closing(Agent(ada)) as agent:
        agent.is_registered()
        os.kill(agent.pid, signal.SIGSTOP)
        ada.ask(*(dataclasses.replace(STOP, connection=connection) for connection in range(8) for _ in range(12)))
        end = time.monotonic() + 3
        while time.monotonic() < end:
            answer = root.call(Call(f"{NAME}.Job1", "GetSources", D))[0]
            must(not answer.error, f"root gets {answer} while ada does not answer")
    asked = [answer for answer in ada.answers() if not answer.error.endswith("TooManyRequests")]
    must(len(asked) == 8, f"ada made {len(asked)} calls wait for a password at a time")


def whose_question_ends(ada):
    with contextlib.closing(Agent(ada)) as agent:
        agent.is_registered()
        ada.ask(STOP)
        agent.read_until("Password: ")
        run("systemctl", "kill", "--signal=KILL", "polkit")
        answer = ada.answers()[0]
        must(answer.error == ERROR + "NotAuthorized" and "password" in answer.sentence, f"ada gets {answer}")


with stage(STAND_IN_THAT_WAITS), contextlib.closing(Caller("ada", session=True)) as person, contextlib.closing(Caller("root")) as administrator:
    subprocess.run(["chpasswd"], input=f"ada:{PASSWORD}\n", text=True, check=True)
    run("gpasswd", "--add", "ada", "sudo")  # whom Debian's polkit takes for an admin
    run("systemctl", "restart", "polkit")
    try:
        play(person)
        whoever_does_not_answer_holds_up_nobody(person, administrator)
        whose_question_ends(person)
    finally:
        run("gpasswd", "--delete", "ada", "sudo")
