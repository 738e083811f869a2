#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# A desktop's notifications, for a session without a desktop: prints "SUMMARY|BODY" of each, after "ready".
from gi.repository import Gio, GLib

NAME = "org.freedesktop.Notifications"
INTERFACE = f"""<node><interface name="{NAME}"><method name="Notify">
  <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
  <arg type="as" direction="in"/><arg type="a{{sv}}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/>
</method></interface></node>"""


def called(bus, sender, path, interface, method, arguments, invocation):
    print(arguments[3], arguments[4], sep="|", flush=True)
    invocation.return_value(GLib.Variant("(u)", (1,)))


session = Gio.bus_get_sync(Gio.BusType.SESSION)
session.register_object("/" + NAME.replace(".", "/"), Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0], called, None, None)
Gio.bus_own_name_on_connection(session, NAME, 0, lambda *_: print("ready", flush=True), None)
GLib.MainLoop().run()
