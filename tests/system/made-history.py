#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""made-history.py JOB DAYS <RECORD >RECORD: what a real run has left becomes one of each of the last DAYS nights of JOB, a good one but every 17th,
which fails, and every 23rd, which is partial; five nights in a row are missing. The oldest is a first upload. There is one run in the history, and the
rest is in its days, as after a long time."""
import json
import sys
import time

job, nights = sys.argv[1], int(sys.argv[2])
record = json.load(sys.stdin)
record["job"], record["file"] = job, f"/etc/igotchuu/jobs/{job}.toml"
today = int(time.time()) // 86400  # the machine's zone is UTC
days = []
for ago in range(nights):
    worst = "success" if ago % 17 != 5 else "failed"
    worst = "partial" if ago % 23 == 9 else worst
    if 30 <= ago < 35:
        continue
    day = {"day": today - ago, "runs": 1, "worst": worst, "longest_usec": 5_000_000 * (20 + ago % 7)}
    if worst == "success":
        day |= {"good": 1, "fresh_usec": (today - ago) * 86_400_000_000 + 600_000_000}
    if worst != "failed":
        day |= {"added": (1 + ago % 9) << 24, "files": 200_000 - 300 * ago, "bytes": (200_000 - 300 * ago) << 13}
    days.append(day)
days[-1] |= {"longest_usec": 5_000_000_000, "added": 3 << 30}
record["days"] = days
json.dump(record, sys.stdout)
