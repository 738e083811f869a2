#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# embed.py OUTPUT.hpp FILE…: each file as a std::string_view named for it ("job.service.template" is job_service_template).
import pathlib
import re
import sys

output, *files = map(pathlib.Path, sys.argv[1:])
lines = ["#pragma once", "", "#include <string_view>", "", "namespace igotchuu::units", "{"]
for file in files:
    name = re.sub("[^a-z0-9]+", "_", file.name)
    lines.append(f'inline constexpr std::string_view {name} = R"igotchuu({file.read_text()})igotchuu";')
lines += ["} // namespace igotchuu::units", ""]
output.write_text("\n".join(lines))
