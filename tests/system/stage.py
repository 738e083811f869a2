# SPDX-License-Identifier: MIT
"""stage.sh for tests in Python; and polkit as it may be: with rules, absent, slow."""
import contextlib
import json
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
RULE = pathlib.Path("/etc/polkit-1/rules.d/10-igotchuu-test.rules")


def fail(sentence):
    sys.exit(f"FAILED: {sentence}")


def must(fact, sentence):
    if not fact:
        fail(sentence)


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def show(units, *properties):
    """Of several properties, in systemd's order; without a unit, of systemd itself."""
    return run("systemctl", "show", "--value", *(f"--property={name}" for name in properties), *units.split())


def wait_for(seconds, what, fact):
    end = time.monotonic() + seconds
    while not fact():
        must(time.monotonic() < end, f"waited in vain for {what}")
        time.sleep(0.01)


def wait_for_phase(job, phase):
    def reached():
        try:
            return json.loads(pathlib.Path(f"/run/igotchuu/state/{job}.json").read_text())["phase"] == phase
        except FileNotFoundError:
            return False

    wait_for(30, f"phase {phase} of {job}", reached)


@contextlib.contextmanager
def stage(setting):
    """Sets it, with the functions of stage.sh; afterwards all is cleaned up, and the journal shown when what it was for has failed."""
    script = f'. "$0"\nexec 3>&1 1>&2\n{setting}\necho set >&3\nread -r all_is_well'
    bash = subprocess.Popen(["bash", "-c", script, HERE / "stage.sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        must(bash.stdout.readline() == "set\n", "the stage is not set")
        run("systemctl", "stop", "igotchuud")  # or it knows jobs of tests before this one
        yield
        bash.stdin.write("well\n")
    finally:
        bash.stdin.close()
        bash.wait()


# A restic that reads until it is told to stop.
STAND_IN_THAT_WAITS = """
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<<$'trap "exit 130" INT\\nwhile :; do sleep 0.05; done'
"""


@contextlib.contextmanager
def polkit_rule(body):
    """`body` of a rule's function of (action, subject)."""
    RULE.write_text(f"polkit.addRule(function (action, subject) {{ {body} }});\n")
    run("systemctl", "restart", "polkit")
    try:
        yield
    finally:
        RULE.unlink()
        run("systemctl", "restart", "polkit")


@contextlib.contextmanager
def polkit_absent():
    run("systemctl", "mask", "--quiet", "--runtime", "--now", "polkit")
    try:
        yield
    finally:
        run("systemctl", "unmask", "--quiet", "--runtime", "polkit")
        run("systemctl", "start", "polkit")


@contextlib.contextmanager
def polkit_frozen():
    run("systemctl", "start", "polkit")
    status = pathlib.Path("/proc", show("polkit", "MainPID"), "stat")
    run("systemctl", "kill", "--signal=STOP", "polkit")
    wait_for(5, "polkit to be frozen", lambda: status.read_text().rsplit(")")[1].split()[0] == "T")
    try:
        yield
    finally:
        run("systemctl", "kill", "--signal=CONT", "polkit")


class Daemon:
    """igotchuud, which answers now and does so in the same process when still_lives() is asked."""

    def __init__(self):
        run("systemctl", "start", "igotchuud")
        self.pid = show("igotchuud", "MainPID")

    def still_lives(self):
        must(show("igotchuud", "MainPID") == self.pid and pathlib.Path("/proc", self.pid).exists(), "igotchuud is not what it was before")

    def memory(self):
        """The most that it ever had, in MiB."""
        status = pathlib.Path("/proc", self.pid, "status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
