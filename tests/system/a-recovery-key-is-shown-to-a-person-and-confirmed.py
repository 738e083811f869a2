#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""igotchuu repository init and confirm, as a person meets them on a terminal: the QR code is what a phone reads as the key, in at most 80 columns; the last group that is
typed confirms it; Ctrl-C at the question keeps the key, unconfirmed, and says so; what is typed at `confirm` is not shown.
"""
import json, os, pathlib, pty, re, shutil, signal, subprocess, sys, termios

HERE = pathlib.Path(__file__).parent
PLACE, RECORDS = pathlib.Path("/srv/person"), pathlib.Path("/var/lib/igotchuu/repositories")
KEY = re.compile(r"^    ((?:[2-9A-HJ-NP-Z]{4}-){7}[2-9A-HJ-NP-Z]{4})\r?$", re.MULTILINE)
QUESTION, HIDDEN = "(Enter: later): ", "(it is not shown): "
CODE = "\x1b[40;97m"


def check(is_so, what):
    if not is_so:
        sys.exit(f"FAILED: {what}")


class Terminal:
    """A terminal of 80 columns, and igotchuu on it."""

    def __init__(self, *arguments, **variables):
        self.text = ""
        self.process, self.screen = pty.fork()
        if self.process == 0:
            termios.tcsetwinsize(0, (50, variables.pop("columns", 80)))
            environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "LANG": "C.UTF-8"} | variables
            os.execvpe("igotchuu", ["igotchuu", "repository", *arguments], environment)

    def read(self):
        try:
            piece = os.read(self.screen, 65536)
        except OSError:  # Linux says so that nobody has the other side any more
            piece = b""
        self.text += piece.decode(errors="replace")
        return bool(piece)

    def until(self, words):
        while words not in self.text:
            check(self.read(), f"it ended without {words!r}: {self.text}")

    def type(self, keys):
        os.write(self.screen, keys.encode())

    def ends(self):
        while self.read():
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        os.close(self.screen)
        return status

    def key(self):
        found = KEY.findall(self.text)
        check(len(found) == 1, f"{len(found)} recovery keys are shown: {self.text}")
        return found[0]


def repository(name):
    directory = pathlib.Path("/etc/igotchuu/repositories")
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{name}.toml").write_text(f'location = "{PLACE}/{name}"\npassword-file = "{PLACE}/{name}.key"\n')
    return name


def record(name):
    return json.loads((RECORDS / f"{name}.json").read_text())["recovery_key"]


def opens(name, key):
    return subprocess.run(["restic", "--no-cache", "--repo", PLACE / name, "cat", "config"], env=os.environ | {"RESTIC_PASSWORD": key},
                          capture_output=True).returncode == 0


def a_person_who_writes_it_down():
    name = repository("written")
    terminal = Terminal("init", name)
    terminal.until(QUESTION)
    key = terminal.key()
    check(opens(name, key), "what is shown does not open the repository")
    check("confirmed_usec" not in record(name), "it is confirmed before anybody has typed a word")
    read = subprocess.run([HERE / "read-qr.py"], input=terminal.text.encode(), capture_output=True)
    check(read.stdout.decode().strip() == key, f"a phone reads {read.stdout} {read.stderr}, not {key}")
    check(max(int(line.split()[0]) for line in read.stderr.splitlines()) <= 80, "the QR code is too wide")
    for line in re.sub(r"\x1b\[[0-9;]*m", "", terminal.text).splitlines():
        check(len(line) <= 80, f"this is too wide: {line}")
    terminal.type("WRNG\n")
    terminal.until("That is not its last group")
    terminal.type(key[-4:].lower() + "\n")
    check(terminal.ends() == 0 and "Confirmed" in terminal.text, terminal.text)
    check("confirmed_usec" in record(name), "it is not in the record that it was confirmed")


def a_person_who_is_interrupted():
    name = repository("interrupted")
    terminal = Terminal("init", name)
    terminal.until(QUESTION)
    key = terminal.key()
    terminal.type("\x03")
    check(terminal.ends() == 130, f"Ctrl-C is no stop: {terminal.text}")
    check("not confirmed" in terminal.text and f"igotchuu repository confirm {name}" in terminal.text, terminal.text)
    check(opens(name, key), "the key that was shown is gone")
    check((PLACE / f"{name}.key").exists(), "the working key is not in its place")
    check("confirmed_usec" not in record(name), "it is confirmed")

    terminal = Terminal("confirm", name)
    terminal.until(HIDDEN)
    terminal.type(key.lower() + "\n")
    check(terminal.ends() == 0 and "confirmed" in terminal.text, terminal.text)
    check(key.lower() not in terminal.text and key not in terminal.text, "what was typed is on the screen")
    check("confirmed_usec" in record(name), "it is not in the record that it was confirmed")


def a_person_who_stops_it_before_there_is_a_key():
    name = repository("early")
    terminal = Terminal("init", name)
    terminal.until("Making the repository")
    terminal.type("\x03")
    check(terminal.ends() == 130, f"Ctrl-C is no stop: {terminal.text}")
    check(not KEY.search(terminal.text), "a key was shown after all")
    check(not (PLACE / f"{name}.key").exists(), "the working key is in its place, and there is no recovery key")
    terminal = Terminal("init", name)
    terminal.until(QUESTION)
    terminal.type("\n")
    check(terminal.ends() == 0 and opens(name, terminal.key()), f"it does not go on afterwards: {terminal.text}")


def where_no_code_can_be_shown():
    name = "early"
    for variables in [{"LANG": "C"}, {"TERM": "dumb"}, {"columns": 30}]:
        terminal = Terminal("init", "--new-recovery-key", name, **variables)
        terminal.until(QUESTION)
        terminal.type("\n")
        check(terminal.ends() == 0 and terminal.key(), terminal.text)
        check(CODE not in terminal.text and "\x1b" not in terminal.text, f"{variables}: there is a QR code in {terminal.text}")


shutil.rmtree(PLACE, ignore_errors=True)
PLACE.mkdir()
try:
    a_person_who_writes_it_down()
    a_person_who_is_interrupted()
    a_person_who_stops_it_before_there_is_a_key()
    where_no_code_can_be_shown()
finally:
    for path in [PLACE, pathlib.Path("/etc/igotchuu")]:
        shutil.rmtree(path, ignore_errors=True)
    for path in RECORDS.glob("*.json"):
        path.unlink()
