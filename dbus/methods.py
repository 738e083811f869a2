#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# methods.py header|table XML…, methods.py manual PAGE XML…: what the interfaces' XML says of itself beside what sdbus-c++-xml2cpp makes of it. An element's
# documentation is the comment before it; a method's right is its annotation com.nyantec.igotchuu.Action. A member without the one, or a method without the
# other or with one that polkit does not know, is an error.
#   header: a C++ constant a method, its Right      table: INTERFACE METHOD SIGNATURE RIGHT, a line a method
#   manual: PAGE, in scdoc, with @RIGHTS@ and @INTERFACES@ written out
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
    return re.sub(r"([\\_*])", r"\\\1", text)


def rights_text(all_interfaces):
    """A table: which right a method needs."""
    text = "[[ *interface*\n:[ *method*\n:[ *right*\n"
    for interface in all_interfaces:
        for method in interface.all("method"):
            text += f"|  {interface['name'].rsplit('.', 1)[1]}\n:  {method['name']}\n:  {'none' if right(method) == 'anyone' else right(method)}\n"
    return text


def arguments_text(member):
    """A line an argument: its type, its name, its documentation."""
    lines = []
    for arg in member.all("arg"):
        documentation = f": {escaped(arg.documentation)}" if arg.documentation else ""
        lines.append(f"{arg['type']} _{escaped(arg['name'])}_{documentation}")
    return "\t" + "++\n".join(lines) + "\n\n" if lines else ""


def method_text(method):
    results = signature(method, "out")
    needs = "Anyone may call it." if right(method) == "anyone" else f"Needs the right _{right(method)}_."
    types = f"({signature(method, 'in')}){' → ' + results if results else ''}"
    return f"method *{method['name']}*{types}\n\t{escaped(method.documentation)} {needs}\n\n" + arguments_text(method)


def property_text(member):
    constant = member.annotation("org.freedesktop.DBus.Property.EmitsChangedSignal") == "const"
    return f"property *{member['name']}* {member['type']}\n\t{escaped(member.documentation)}{' It never changes.' if constant else ''}\n\n"


def signal_text(member):
    return f"signal *{member['name']}*({signature(member, 'in')})\n\t{escaped(member.documentation)}\n\n" + arguments_text(member)


def interface_text(interface):
    text = f"## {interface['name']}\n\n{escaped(interface.documentation)}\n\n"
    for kind, member_text in {"method": method_text, "property": property_text, "signal": signal_text}.items():
        text += "".join(map(member_text, interface.all(kind)))
    return text


def manual(page, all_interfaces):
    with open(page, encoding="UTF-8") as file:
        text = file.read()
    members = "".join(map(interface_text, all_interfaces)).rstrip("\n")
    return text.replace("@RIGHTS@\n", rights_text(all_interfaces)).replace("@INTERFACES@", members)


if __name__ == "__main__":
    what, *files = sys.argv[1:]
    match what:
        case "header":
            print("\n".join(header(list(interfaces(files)))))
        case "table":
            print("\n".join(table(list(interfaces(files)))))
        case "manual":
            print(manual(files[0], list(interfaces(files[1:]))), end="")
