#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# methods.py header|table|manual XML…: what the interfaces' XML says of itself beside what sdbus-c++-xml2cpp makes of it. An element's documentation is the
# comment before it; a method's right is its annotation com.nyantec.igotchuu.Action, and one that has none, or one that polkit does not know, is an error.
#   header: a C++ constant a method, its Right      table: INTERFACE METHOD SIGNATURE RIGHT, a line a method      manual: scdoc
import re
import sys
import xml.etree.ElementTree as ET

RIGHTS = ["anyone", "start", "stop", "view", "reload"]


class Documented:
    """An element of the XML with the comment that stands before it, and its children of that kind."""

    def __init__(self, element, documentation):
        self.element, self.documentation = element, documentation
        self.children, comment = [], ""
        for child in element:
            if child.tag is ET.Comment:
                comment = " ".join(child.text.split())
            else:
                self.children.append(Documented(child, comment))
                comment = ""

    def __getitem__(self, attribute):
        return self.element.get(attribute)

    def all(self, kind):
        return [child for child in self.children if child.element.tag == kind]

    def annotation(self, name):
        return next((child["value"] for child in self.all("annotation") if child["name"] == name), None)


def interfaces(paths):
    for path in paths:
        parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
        for interface in Documented(ET.parse(path, parser).getroot(), "").all("interface"):
            for member in interface.children:
                if not member.documentation:
                    sys.exit(f"{path}: {member['name']} is not documented")
            for method in interface.all("method"):
                if right(method) not in RIGHTS:
                    sys.exit(f"{path}: method {method['name']} needs an annotation com.nyantec.igotchuu.Action that is one of {', '.join(RIGHTS)}")
            yield interface


def right(method):
    return method.annotation("com.nyantec.igotchuu.Action")


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def signature(method, direction):
    return "".join(arg["type"] for arg in method.all("arg") if (arg["direction"] or "in") == direction)


def header(all_interfaces):
    yield "// SPDX-License-Identifier: MIT"
    yield "#pragma once\n"
    yield '#include "dbus/authorization.hpp"\n'
    yield "/// What each method needs, as its XML says.\nnamespace igotchuu::method\n{"
    for interface in all_interfaces:
        for method in interface.all("method"):
            yield f"inline constexpr Right {snake(interface['name'].rsplit('.', 1)[1])}_{snake(method['name'])} = Right::{right(method)};"
    yield "} // namespace igotchuu::method"


def table(all_interfaces):
    for interface in all_interfaces:
        for method in interface.all("method"):
            yield f"{interface['name']} {method['name']} {signature(method, 'in') or '-'} {right(method)}"


def escaped(text):
    return text.replace("\\", "\\\\").replace("_", "\\_").replace("*", "\\*")


def arguments(member):
    args = [f"{arg['direction'] + ' ' if arg['direction'] else ''}{arg['type']} {escaped(arg['name'])}" for arg in member.all("arg")]
    return f"({', '.join(args)})"


def member_text(heading, member):
    yield f"*{heading}"
    yield "\t" + escaped(member.documentation)
    for arg in member.all("arg"):
        if arg.documentation:
            yield f"\t_{arg['name']}_: {escaped(arg.documentation)}" if "_" not in arg["name"] else f"\t{escaped(arg['name'])}: {escaped(arg.documentation)}"
    yield ""


def manual(all_interfaces):
    for interface in all_interfaces:
        yield f"## {interface['name']}\n"
        yield escaped(interface.documentation) + "\n"
        for method in interface.all("method"):
            yield from member_text(f"{method['name']}*{arguments(method)} — {'anyone' if right(method) == 'anyone' else 'com.nyantec.igotchuu.' + right(method)}", method)
        for member in interface.all("property"):
            constant = member.annotation("org.freedesktop.DBus.Property.EmitsChangedSignal") == "const"
            yield from member_text(f"{member['name']}* {member['type']} — property{', never changes' if constant else ''}", member)
        for member in interface.all("signal"):
            yield from member_text(f"{member['name']}*{arguments(member)} — signal", member)


if __name__ == "__main__":
    print("\n".join({"header": header, "table": table, "manual": manual}[sys.argv[1]](list(interfaces(sys.argv[2:])))))
