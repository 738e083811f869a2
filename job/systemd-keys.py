#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""systemd-keys.py SYSTEMD OUTPUT: the keys of [Unit], [Service] and [Timer], as `systemd --dump-configuration-items` has them, as C++."""
import subprocess
import sys

systemd, output = sys.argv[1:]
keys = {"Unit": set(), "Service": set(), "Timer": set()}
section = None
for line in subprocess.run([systemd, "--dump-configuration-items"], check=True, capture_output=True, text=True).stdout.splitlines():
    if line.startswith("["):
        section = keys.get(line.strip("[]"))
    elif section is not None and "=" in line:
        section.add(line.split("=")[0])

for name, expected in (("Unit", "Description"), ("Service", "ExecStart"), ("Timer", "OnCalendar")):
    if expected not in keys[name]:
        sys.exit(f"{systemd} --dump-configuration-items does not list {expected}= in [{name}]")

with open(output, "w", encoding="ascii") as file:
    print('#include "job/unit-keys.hpp"\n\nnamespace igotchuu\n{', file=file)
    for name, names in keys.items():
        print(f"static constexpr std::string_view {name.lower()}_keys[] = {{", file=file)
        print(*(f'    "{key}",' for key in sorted(names)), sep="\n", file=file)
        print("};", file=file)
    print("std::span<const std::string_view> systemd_keys(std::string_view section)\n{", file=file)
    print('    return section == "timer" ? std::span<const std::string_view>{timer_keys} : section == "service" ? std::span<const std::string_view>{service_keys}'
          ' : std::span<const std::string_view>{unit_keys};\n}\n} // namespace igotchuu', file=file)
