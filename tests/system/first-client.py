#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# first-client.py INTERFACE: a client of the first igotchuu: shows three progress updates, stops the backup, and ends when it is told of its end.
import json
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib

interface = sys.argv[1]
typed = interface.endswith("2")  # the later form; the first one sends restic's JSON
loop = GLib.MainLoop()
heard = []


def on_signal(_proxy, _sender, member, arguments):
    heard.append(member)
    if member == "Progress":
        status = dict(zip(("seconds_elapsed", "seconds_remaining", "percent_done", "total_files"), arguments.unpack())) if typed else json.loads(arguments.unpack()[0])
        assert typed or status["message_type"] == "status"
        print(f"{status['percent_done']:.0%} of {status['total_files']} files after {status['seconds_elapsed']} s")
        if heard.count("Progress") == 3:
            proxy.call_sync("Stop", None, Gio.DBusCallFlags.NONE, -1, None)
    elif member in ("Error", "BackupComplete"):
        loop.quit()


proxy = Gio.DBusProxy.new_for_bus_sync(Gio.BusType.SYSTEM, Gio.DBusProxyFlags.NONE, None, "com.nyantec.IGotChuu", "/com/nyantec/igotchuu", interface, None)
proxy.connect("g-signal", on_signal)
loop.run()
assert heard[-1] == "Error" and heard.count("Error") == 1 and "BackupComplete" not in heard, heard
