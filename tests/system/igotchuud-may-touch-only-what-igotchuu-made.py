#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What igotchuud may ask of systemd, by the shipped rule of polkit and the policy of the bus: its units' start, stop and reset-failed, the
check's start, and a reload. Whatever else it asks, as one would who took it over: refused."""
import contextlib
import os
import pathlib

from caller import Call, Caller
from stage import must, run, show, stage

SYSTEMD, LOGIND = "org.freedesktop.systemd1", "org.freedesktop.login1"
PWNED = pathlib.Path("/run/pwned")
EVIL = [("ExecStart", {"a(sasb)": [("/bin/touch", ["/bin/touch", str(PWNED)], False)]})]
OURS = ["igotchuu@d.service", "igotchuu@d.timer", "igotchuu-maintenance@nas.service", "igotchuu-maintenance@nas.timer", "igotchuu-fresh@d.timer"]
OTHERS = [
    "cron.service", "igotchuud.service", "igotchuu@x.socket", "igotchuu-fresh@d.service", "igotchuu-maintenance.service",
    "igotchuu-verify.timer", "xigotchuu@d.service", "igotchuu@d.service.target", "multi-user.target", "dbus.service",
]
NO_UNITS = ["igotchuu@x.mount", "igotchuu@../x.service", "igotchuu@x/y.service", "igotchuu@x.service\n", "x\nigotchuu@d.service", "igotchuu@.service"]
UNITS = {  # those of them that are not on the machine
    "service": "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n",
    "timer": "[Timer]\nOnActiveSec=1d\n",
    "socket": "[Socket]\nListenStream=/run/igotchuu-test.socket\nService=cron.service\n",
    "target": "",
}
REFUSED = {"org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"}
INVALID = {"org.freedesktop.DBus.Error.InvalidArgs", "org.freedesktop.systemd1.NoSuchUnit"}


def systemd(member, signature="", *arguments, path="/org/freedesktop/systemd1", interface=f"{SYSTEMD}.Manager"):
    return Call(interface, member, path, signature, arguments, SYSTEMD)


def logind(member, signature="", *arguments):
    return Call(f"{LOGIND}.Manager", member, "/org/freedesktop/login1", signature, arguments, LOGIND)


ALLOWED = [
    *(systemd(member, "ss", unit, "replace") for unit in OURS for member in ("StopUnit", "StartUnit")),
    systemd("StartUnit", "ss", "igotchuu@home-alice.service", "replace"),
    systemd("ResetFailedUnit", "s", "igotchuu-maintenance@nas.service"),  # RemainAfterExit= holds it: one that is not loaded has no name
    systemd("StartUnit", "ss", "igotchuu-verify.service", "replace"),
    systemd("Reload"),
]
FOREIGN = [
    *(systemd(member, "ss", unit, "replace") for member in ("StartUnit", "StopUnit", "RestartUnit", "ReloadOrRestartUnit") for unit in OTHERS),
    *(systemd("ResetFailedUnit", "s", unit) for unit in OTHERS if pathlib.Path("/usr/lib/systemd/system", unit).exists()),
    *(systemd(member, "ss", "igotchuu-verify.service", "replace") for member in ("StopUnit", "RestartUnit")),
]
NOWHERE = [systemd(member, "ss", unit, "replace") for member in ("StartUnit", "StopUnit") for unit in NO_UNITS]
OURS_OTHERWISE = [
    *(systemd(member, "ss", unit, "replace") for unit in OURS
      for member in ("RestartUnit", "TryRestartUnit", "ReloadOrRestartUnit", "ReloadOrTryRestartUnit")),
    *(systemd("KillUnit", "ssi", unit, "all", 9) for unit in OURS),
    *(systemd("QueueSignalUnit", "ssii", unit, "all", 40, 1) for unit in OURS),
    *(systemd("SetUnitProperties", "sba(sv)", unit, True, [("Description", {"s": "pwned"})]) for unit in OURS),
    *(systemd("FreezeUnit", "s", unit) for unit in OURS),
    *(systemd("CleanUnit", "sas", unit, ["all"]) for unit in OURS),
    *(systemd("StartTransientUnit", "ssa(sv)a(sa(sv))", unit, "replace", EVIL, [])
      for unit in [*OURS, "igotchuu@a.service", "igotchuu-maintenance@a.service"]),
    *(systemd("BindMountUnit", "sssbb", unit, "/etc", "/etc", False, True) for unit in OURS),
    *(systemd("AttachProcessesToUnit", "ssau", unit, "", [1]) for unit in OURS),
    systemd("StartUnitReplace", "sss", "cron.service", "igotchuu@d.service", "replace"),
    systemd("EnqueueUnitJob", "sss", "igotchuu@d.service", "restart", "replace"),
    systemd("EnqueueUnitJob", "sss", "cron.service", "start", "replace"),
]
THE_MACHINE = [
    *(systemd(member, "asbb", ["igotchuu@d.service", "cron.service"], False, True)
      for member in ("EnableUnitFiles", "ReenableUnitFiles", "LinkUnitFiles", "MaskUnitFiles")),
    *(systemd(member, "asb", ["igotchuu@d.service"], False) for member in ("DisableUnitFiles", "UnmaskUnitFiles")),
    systemd("SetDefaultTarget", "sb", "rescue.target", True),
    systemd("PresetAllUnitFiles", "sbb", "full", True, True),
    systemd("AddDependencyUnitFiles", "asssbb", ["igotchuu@d.service"], "multi-user.target", "Wants", True, True),
    systemd("SetEnvironment", "as", ["LD_PRELOAD=/tmp/pwned.so"]),
    systemd("UnsetEnvironment", "as", ["PATH"]),
    systemd("UnsetAndSetEnvironment", "asas", ["PATH"], ["PATH=/tmp"]),
    systemd("ResetFailed"),
    systemd("ClearJobs"),
    systemd("Reexecute"),
    systemd("SetExitCode", "y", 1),
    systemd("Set", "ssv", f"{SYSTEMD}.Manager", "LogLevel", {"s": "debug"}, interface="org.freedesktop.DBus.Properties"),
    *(systemd(member) for member in ("PowerOff", "Reboot", "Halt", "KExec", "SoftReboot", "Exit")),
    *(logind(member, "b", False) for member in ("PowerOff", "Reboot", "Halt")),
    logind("SetUserLinger", "ubb", 0, True, False),
    logind("Inhibit", "ssss", "shutdown:sleep", "igotchuud", "pwned", "block"),
]


def play(igotchuud):
    environment, journald = show("", "Environment"), show("systemd-journald", "MainPID")
    for call in ALLOWED:
        answer = igotchuud.call(call)[0]
        must(not answer.error, f"igotchuud may not {call}, which it needs: {answer.error}: {answer.sentence}")
    not_refused = []
    for refused, calls in ((REFUSED, FOREIGN + OURS_OTHERWISE + THE_MACHINE), (REFUSED | INVALID, NOWHERE)):
        for call in calls:
            answer = igotchuud.call(call)[0]
            if answer.error not in refused:
                not_refused.append(f"{call}: {answer.error or 'done'} {answer.sentence}")
    must(not not_refused, "igotchuud may\n" + "\n".join(not_refused))
    isolated = igotchuud.call(systemd("StartUnit", "ss", "igotchuu@d.service", "isolate"))[0]
    must(isolated.error == f"{SYSTEMD}.NoIsolation", f"a start that stops all else: {isolated}")
    must(not PWNED.exists() and not os.path.exists("/run/systemd/transient/igotchuu@a.service"), "a unit of its own ran")
    must(show("", "Environment") == environment and show("systemd-journald", "MainPID") == journald, "systemd is not what it was")


for unit in OURS[2:] + OTHERS:
    file = pathlib.Path("/run/systemd/system", unit)
    if not pathlib.Path("/usr/lib/systemd/system", unit).exists():
        file.write_text(UNITS[unit.rsplit(".", 1)[1]])
SETTING = "mkdir -p /srv/d; job d <<<$'sources = [\"/srv/d\"]\\n[timer]\\nOnCalendar = \"yearly\"'; reload"
try:
    with stage(SETTING), contextlib.closing(Caller("igotchuud")) as caller:
        play(caller)
finally:
    for unit in OURS[2:] + OTHERS:
        pathlib.Path("/run/systemd/system", unit).unlink(missing_ok=True)
    run("systemctl", "daemon-reload")
