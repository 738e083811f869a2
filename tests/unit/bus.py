#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# bus.py SOURCE-ROOT: what is said of the bus in several places is the same in all of them.
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(sys.argv.pop(1))
XML = sorted((ROOT / "dbus").glob("*.xml"))
METHODS_PY = ROOT / "dbus/methods.py"
PAGE = (ROOT / "man/com.nyantec.igotchuu.5.scd.in").read_text()
BUS_POLICY = ET.parse(ROOT / "dbus/com.nyantec.igotchuu.conf").getroot()
POLKIT_POLICY = ET.parse(ROOT / "dbus/com.nyantec.igotchuu.policy").getroot()
NAMES = {"com.nyantec.igotchuu", "com.nyantec.IGotChuu"}


def section(title):
    return re.search(rf"^# {title}$(.*?)(?=^# |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


def defined_in(title):
    """What the section TITLE has a paragraph of its own for."""
    return set(re.findall(r"^\*([^*]+)\*\n\t", section(title), re.MULTILINE))


def actions():
    return {action.get("id") for action in POLKIT_POLICY.iter("action")}


def interfaces():
    return {interface.get("name") for file in XML for interface in ET.parse(file).iter("interface")}


class Errors(unittest.TestCase):
    def test_the_manual_has_each_that_a_method_answers_with_and_no_other(self):
        errors = set(re.findall(r'"com\.nyantec\.igotchuu\.Error\.(\w+)"', (ROOT / "dbus/errors.hpp").read_text()))
        self.assertEqual(errors, defined_in("ERRORS"))

    def test_the_interfaces_name_none_that_is_not_there(self):
        named = set(re.findall(r"Errors?: ([^.]*)", " ".join("".join(file.read_text() for file in XML).split())))
        self.assertTrue(named)
        self.assertLessEqual(set(re.findall(r"[A-Z]\w+", " ".join(named))), defined_in("ERRORS"))


class Rights(unittest.TestCase):
    def test_each_that_a_method_needs_is_an_action_of_polkit_and_the_reverse(self):
        table = subprocess.run([sys.executable, METHODS_PY, "table", *XML], check=True, capture_output=True, text=True).stdout
        needed = {line.split()[3] for line in table.splitlines()} - {"anyone"}
        self.assertEqual({f"com.nyantec.igotchuu.{right}" for right in needed}, actions())

    def test_the_manual_has_each_action_and_no_other(self):
        self.assertEqual(actions(), defined_in("RIGHTS"))

    def test_the_manual_says_what_polkit_does_as_shipped(self):
        for action in POLKIT_POLICY.iter("action"):
            with self.subTest(action.get("id")):
                allowed = {default.tag: default.text for default in action.find("defaults")}
                self.assertEqual(allowed, {"allow_any": "no", "allow_inactive": "no", "allow_active": "auth_admin_keep"})
        self.assertIn(r"each is _auth\_admin\_keep_ for who sits at the machine, in an active session", section("RIGHTS"))
        self.assertIn("For everybody else it is _no_.", section("RIGHTS"))

    def test_igotchuud_may_ask_about_others(self):
        for action in POLKIT_POLICY.iter("action"):
            with self.subTest(action.get("id")):
                owner = action.find("annotate[@key='org.freedesktop.policykit.owner']")
                self.assertEqual(owner.text, "unix-user:igotchuud")


class Policy(unittest.TestCase):
    def test_each_interface_may_be_called_under_both_names_and_no_other_of_ours(self):
        standard = {f"org.freedesktop.DBus.{name}" for name in ("Introspectable", "ObjectManager", "Peer", "Properties")}
        allowed = {(allow.get("send_destination"), allow.get("send_interface")) for allow in BUS_POLICY.findall("policy[@context='default']/allow")}
        self.assertEqual(allowed, {(name, interface) for name in NAMES for interface in interfaces() | standard})

    def test_only_igotchuud_owns_the_names(self):
        owners = {(policy.get("user"), allow.get("own")) for policy in BUS_POLICY.iter("policy") for allow in policy if allow.get("own")}
        self.assertEqual(owners, {("igotchuud", name) for name in NAMES})


class Glue(unittest.TestCase):
    """methods.py makes none of an interface that says too little."""

    def refused(self, pattern, replacement, complaint):
        """Each interface in which PATTERN has been replaced, once."""
        changed = {file.name: re.subn(pattern, replacement, file.read_text(), count=1, flags=re.DOTALL) for file in XML}
        self.assertTrue(any(times for broken, times in changed.values()))
        for name, (broken, times) in changed.items():
            if not times:
                continue
            with self.subTest(name), tempfile.NamedTemporaryFile("w", suffix=".xml") as copy:
                copy.write(broken)
                copy.flush()
                run = subprocess.run([sys.executable, METHODS_PY, "header", copy.name], capture_output=True, text=True)
                self.assertNotEqual(run.returncode, 0)
                self.assertIn(complaint, run.stderr)
                self.assertEqual(run.stdout, "")

    def test_a_method_without_an_action_is_refused(self):
        self.refused(r'<annotation name="com.nyantec.igotchuu.Action" value="\w+"/>', "", "needs an annotation com.nyantec.igotchuu.Action")

    def test_an_action_that_nobody_knows_is_refused(self):
        self.refused(r'(com.nyantec.igotchuu.Action" value=")\w+', r"\1everything", "needs an annotation com.nyantec.igotchuu.Action")

    def test_a_member_without_documentation_is_refused(self):
        for kind in ("method", "property", "signal"):
            self.refused(rf"<!--(?:(?!-->).)*-->(\s*<{kind} )", r"\1", "is not documented")


if __name__ == "__main__":
    unittest.main()
