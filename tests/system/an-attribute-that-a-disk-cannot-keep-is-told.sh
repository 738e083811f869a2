#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A disk that keeps no attributes, or not so large ones, gets all files: which of them have lost something is told, and no disk is called full for it.
. "$(dirname "$0")/stage.sh"
undo() { umount --lazy /srv/other; rmdir /srv/other; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
mkdir /srv/d/t
for name in plain coloured large; do echo $name >/srv/d/t/$name; done
setfattr --name user.colour --value red /srv/d/t/coloured
setfattr --name user.large --value "$(head --bytes 9000 /dev/zero | tr '\0' x)" /srv/d/t/large
job d <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@d

mkdir -p /srv/other
truncate --size 64M "$stage/other"
mkfs.ext4 -q -F "$stage/other"
mount -o loop "$stage/other" /srv/other

# told [PROGRAM…]: a restore onto that disk, below that program.
told() {
    rm -rf /srv/other/t
    local status=0
    said=$("$@" igotchuu restore d /srv/d/t --to /srv/other --yes 2>&1) || status=$?
    [ $status = 3 ] || fail "it exits with $status: $said"
    assert_says "$said" 'without the owner, the rights or the attributes'
    for name in plain coloured large; do [ "$(cat /srv/other/t/$name)" = $name ] || fail "$name has not come: $said"; done
}
told strace --follow-forks --quiet=all --output=/dev/null --inject=setxattr,lsetxattr,fsetxattr:error=EOPNOTSUPP # as NFS without them
assert_says "$said" 'the file system at /srv/other keeps no extended attributes'
told
assert_says "$said" '1 restored without'
assert_says "$said" '/srv/other/t/large'
[ "$(getfattr --only-values --name user.colour /srv/other/t/coloured)" = red ] || fail 'what had space is lost as well'
