#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""JSON in, TOML out, keys in the order in which they come: a stand-in for what pkgs.formats.toml calls."""
import json
import re
import sys


def key(name):
    return name if re.fullmatch(r'[A-Za-z0-9_-]+', name) else json.dumps(name)


def value(it):
    if isinstance(it, list):
        return '[' + ', '.join(value(element) for element in it) + ']'
    if isinstance(it, dict):
        return '{' + ', '.join(f'{key(name)} = {value(element)}' for name, element in it.items()) + '}'
    return json.dumps(it)


def table(path, values):
    for name, it in values.items():
        if not isinstance(it, dict):
            print(f'{key(name)} = {value(it)}')
    for name, it in values.items():
        if isinstance(it, dict):
            print(f'\n[{".".join(path + [key(name)])}]')
            table(path + [key(name)], it)


table([], json.load(sys.stdin))
