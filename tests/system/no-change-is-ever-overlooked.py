#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""no-change-is-ever-overlooked.py [OPERATIONS [SEED]]: after each of so many random operations on a source and its subvolumes, or after none, a run. When it says
that nothing has changed, everything that a backup holds is as it was at the last one. restic is a stand-in: it is not what is asked."""
import hashlib
import mmap
import os
import pathlib
import random
import shutil
import stat
import subprocess
import sys

from stage import must, run, stage

OPERATIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 400
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
CHANCE = random.Random(SEED)
ROOT = pathlib.Path("/srv/d")
LOG = pathlib.Path("/srv/stand-in/started")
SETTING = """
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<'SH'
echo x >>/srv/stand-in/started
printf '%s\\n' "$summary"
SH
echo 'full-every-days = 7' >/etc/igotchuu/defaults.toml
reload
"""


def paths(wanted):
    """All that lie below the source, of one kind."""
    found = []
    for directory, names, files in os.walk(ROOT):
        found += [pathlib.Path(directory, name) for name in (names if wanted is stat.S_ISDIR else files)]
    return [path for path in found if wanted(path.lstat().st_mode)]


def any_file():
    return CHANCE.choice(paths(stat.S_ISREG) or [make_file()])


def is_stub(path):
    """What a snapshot has in the place of a nested subvolume: made anew, with its time, at each mount. Nothing can be made in it."""
    return path.lstat().st_ino == 2


def any_directory():
    return CHANCE.choice([ROOT, *(path for path in paths(stat.S_ISDIR) if not is_stub(path))])


def new_path():
    return any_directory() / f"{CHANCE.randrange(1 << 40):x}"


def make_file():
    path = new_path()
    path.write_bytes(CHANCE.randbytes(CHANCE.choice([0, 10, 5000, 200000])))
    return path


def append():
    with any_file().open("ab") as file:
        file.write(CHANCE.randbytes(CHANCE.choice([1, 4096])))


def overwrite_and_hide():
    path = any_file()
    before = path.stat()
    with path.open("r+b") as file:
        file.write(CHANCE.randbytes(1))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def write_through_a_mapping():
    path = any_file()
    if path.stat().st_size == 0:
        return
    with path.open("r+b") as file:
        mapped = mmap.mmap(file.fileno(), 0)
        mapped[CHANCE.randrange(len(mapped))] = CHANCE.randrange(256)
        KEPT.append(mapped)  # not unmapped, not synced, and written again
        if len(KEPT) > 5:
            KEPT.pop(0)


def write_through_an_old_mapping():
    if KEPT:
        KEPT[-1][0] = CHANCE.randrange(256)


KEPT = []


def subvolume(*arguments):
    subprocess.run(["btrfs", "--quiet", "subvolume", *map(str, arguments)], check=True)


def is_subvolume(path):
    return path.lstat().st_ino == 256 and path != ROOT


def any_subvolume():
    return CHANCE.choice([path for path in paths(stat.S_ISDIR) if is_subvolume(path)] or [ROOT])


def delete_a_subvolume():
    path = any_subvolume()
    if path != ROOT and not any(is_subvolume(below) for below in path.rglob("*") if below.is_dir() and not below.is_symlink()):
        KEPT.clear()
        subvolume("delete", path)


def rename():
    old, new = CHANCE.choice([ROOT / "x", *paths(stat.S_ISREG), *paths(stat.S_ISDIR)]), new_path()
    if old.exists() and old not in new.parents:
        try:
            os.rename(old, new)
        except OSError:  # from one subvolume to another
            pass


def remove():
    path = any_file()
    path.unlink()


def is_large():
    """A run takes longer with each subvolume, and the operations make more than they take away."""
    directories = paths(stat.S_ISDIR)
    return sum(map(is_subvolume, directories)) > 10 or len(directories) > 100


def cut_down():
    KEPT.clear()
    directory = CHANCE.choice([path for path in ROOT.iterdir() if path.is_dir() and not path.is_symlink()])
    below = [path for path in directory.rglob("*") if path.is_dir() and not path.is_symlink() and is_subvolume(path)]
    for path in sorted(below, key=lambda path: len(path.parts), reverse=True):
        subvolume("delete", path)
    if is_subvolume(directory):
        subvolume("delete", directory)
    else:
        shutil.rmtree(directory)


NAMED = [
    make_file, append, overwrite_and_hide, write_through_a_mapping, write_through_an_old_mapping, rename, remove, delete_a_subvolume,
    os.sync,
]  # fmt: skip
OTHERS = {
    "nothing": lambda: None,
    "truncate": lambda: os.truncate(any_file(), 1 + CHANCE.randrange(100)),  # to nothing, and who writes to a mapping of it dies of SIGBUS
    "mkdir": lambda: new_path().mkdir(),
    "symlink": lambda: new_path().symlink_to("/nowhere"),
    "mkfifo": lambda: os.mkfifo(new_path()),
    "chmod": lambda: any_file().chmod(CHANCE.randrange(0o1000)),
    "chown": lambda: os.chown(any_directory(), CHANCE.randrange(9), CHANCE.randrange(9)),
    "setxattr": lambda: os.setxattr(any_file(), "user.x", CHANCE.randbytes(5)),
    "utime": lambda: os.utime(any_directory(), (CHANCE.randrange(1 << 30), CHANCE.randrange(1 << 30))),
    "subvolume create": lambda: subvolume("create", new_path()),
    "subvolume snapshot": lambda: subvolume("snapshot", any_subvolume(), new_path()),
    "read": lambda: any_file().read_bytes(),
    "balance": lambda: subprocess.run(["btrfs", "balance", "start", "-musage=50", "/mnt/top"], check=True, stdout=subprocess.DEVNULL),
}
EACH = [*OTHERS.items(), *((operation.__name__, operation) for operation in NAMED)]


def held():
    """A hash of all that a backup holds."""
    everything = hashlib.sha256()
    for directory, names, files in os.walk(ROOT):
        names.sort()
        for name in [".", *names, *sorted(files)]:
            path = pathlib.Path(directory, name)
            if is_stub(path):
                continue
            status = path.lstat()
            everything.update(repr((str(path), status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns, status.st_size if not path.is_dir() else 0)).encode())
            if stat.S_ISREG(status.st_mode):
                everything.update(path.read_bytes())
                everything.update(repr([(key, os.getxattr(path, key)) for key in sorted(os.listxattr(path))]).encode())
            elif stat.S_ISLNK(status.st_mode):
                everything.update(os.readlink(path).encode())
    return everything.hexdigest()


def starts():
    return len(LOG.read_text()) if LOG.exists() else 0


with stage(SETTING):
    backed_up, overlooked, needless, unchanged = None, 0, 0, 0
    for number in range(OPERATIONS):
        name, operation = ("cut down", cut_down) if is_large() else CHANCE.choice(EACH)
        operation()
        before, now = starts(), held()
        run("/usr/libexec/igotchuu-exec", "backup", "d")
        if starts() == before:
            unchanged += 1
            must(now == backed_up, f"operation {number} of seed {SEED} ({name}) was overlooked")
        else:
            needless += now == backed_up
            backed_up = now
    print(f"seed {SEED}: {OPERATIONS} operations, {unchanged} runs had nothing to do; {needless} backups were needless")
    must(unchanged > OPERATIONS / 50, "next to no run had nothing to do: this tests nothing")
    KEPT.clear()
