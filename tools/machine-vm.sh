# SPDX-License-Identifier: MIT
# The part of tools/machine that boots the machine in qemu; sourced by it. See its header for what COMMAND may rely on.
#
# On the host: the image of the base with a kernel (make_vm_base), and boot_vm. In the machine: the functions that are named in `guest`, written to the
# layer's disk. There is no initramfs: NVMe and ext4 are built into Debian's kernel, which mounts the image and runs guest_init from the layer's disk.

vm_packages=(
    linux-image-cloud-amd64 linux-headers-cloud-amd64 initramfs-tools udev kmod
    zfs-dkms zfsutils-linux lvm2 thin-provisioning-tools xfsprogs nfs-kernel-server fuse3
    libtss2-esys-3.0.2-0t64 libtss2-mu-4.0.1-0t64 libtss2-rc0t64 libtss2-tcti-device0t64 tpm-udev # what systemd asks a TPM with
)
blank_disk_size=4G
boot_limit=600                                                      # seconds; emulated, beside other work, a boot takes about one minute
silence_limit=600                                                   # a shutdown, in which it says nothing, takes up to two minutes

# --- the image -------------------------------------------------------------------------------------------------------------------------------

# Sets vm_base: a directory with the image and the kernel. To be called after make_base.
make_vm_base() {
    export vm_base vm_root guest blank_disk_size boot_limit silence_limit
    vm_base=$cache/vm-$(printf '%s\n' "$base" "${vm_packages[@]}" "$(declare -f make_vm_image)" | sha256sum | cut -c1-16)
    export -f make_vm_image boot_vm power_on make_layer_disk open_disk watch_vm vm_died relayed $guest
    touch --no-create "$vm_base"
    [ ! -d "$vm_base" ] || return 0
    exec {vm_base_lock}>"$vm_base.lock"
    flock "$vm_base_lock"
    if [ ! -d "$vm_base" ]; then
        say "making the image of --vm, once: Debian's kernel and ZFS for it; this takes minutes"
        rm -rf "$vm_base.half"
        setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc \
            bash -euo pipefail -c 'make_vm_image "$@"' make_vm_image "${vm_packages[@]}" >"$vm_base.log" 2>&1 ||
            die "cannot make the image of --vm, see $vm_base.log"
        mv "$vm_base.half" "$vm_base"
    fi
    flock -u "$vm_base_lock"
}

# make_vm_image PACKAGE…: the base with them, as one file that is only read, and the kernel beside it.
make_vm_image() {
    mount --make-rprivate /
    local half=$vm_base.half root=$vm_base.half/root
    mkdir -p "$half/upper" "$half/work" "$root"
    mount -t overlay -o "lowerdir=$base,upperdir=$half/upper,workdir=$half/work" overlay "$root"
    mount -t proc proc "$root/proc"
    mount -t sysfs sysfs "$root/sys"
    mount --rbind /dev "$root/dev"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    sed -i 's/ main$/ main contrib/' "$root/etc/apt/sources.list"   # zfs-dkms is in contrib
    mkdir -p "$root/etc/initramfs-tools"
    echo 'update_initramfs=no' >"$root/etc/initramfs-tools/update-initramfs.conf"
    chroot "$root" apt-get update
    DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install --yes --no-install-recommends \
        --option Dpkg::Options::=--force-confold "$@" </dev/null    # that file is ours
    chroot "$root" apt-get clean
    # what costs seconds when it is emulated, and no test asks for
    find "$root/usr/lib/modules" -name '*.ko.xz' -exec unxz {} +
    chroot "$root" systemctl disable --quiet nfs-server.service nfs-client.target rpcbind.service rpcbind.socket
    chroot "$root" depmod "$(basename "$root"/usr/lib/modules/*)"
    chroot "$root" systemctl mask --quiet getty@tty1.service modprobe@efi_pstore.service modprobe@drm.service e2scrub_reap.service ldconfig.service \
        systemd-binfmt.service proc-sys-fs-binfmt_misc.automount systemd-pstore.service zfs-share.service zfs-volume-wait.service xfs_scrub_all.timer \
        nfs-blkmap.service rpc-statd-notify.service
    rm -rf "$root"/var/lib/apt/lists/*
    umount --recursive "$root/dev" "$root/sys" "$root/proc"
    cp "$root"/boot/vmlinuz-* "$half/vmlinuz"
    truncate -s 4G "$half/root.img"
    mkfs.ext4 -q -F -O ^has_journal -m 0 -d "$root" "$half/root.img"
    umount --recursive "$root"
    rm -rf "$half/upper" "$half/work" "$root"
}

# --- in the machine --------------------------------------------------------------------------------------------------------------------------

guest='lead guest_init guest_root guest_new_root guest_mount guest_command guest_relay guest_signals'

# PID 1 at first: makes the root file system, then becomes systemd. /mnt is a tmpfs; /mnt/layer is the layer's disk.
guest_init() {
    export PATH=/usr/sbin:/usr/bin:/sbin:/bin
    mount -t proc proc /proc
    mount -t sysfs sysfs /sys
    mount -t tmpfs -o mode=0755 tmpfs /run
    modprobe overlay
    mkdir /mnt/root /mnt/layered /run/machine
    mount -t overlay -o lowerdir=/,upperdir=/mnt/layer/upper,workdir=/mnt/layer/work overlay /mnt/layered
    guest_root "$(cat /mnt/layer/machine/root)" "$(grep --files-with-matches --line-regexp root /sys/block/vd*/serial | cut -d / -f 4)"
    mkdir -p /mnt/root/src /mnt/root/build /run/systemd/system/multi-user.target.wants
    mount --bind /mnt/layer/src /mnt/root/src
    mount --bind /mnt/layer/build /mnt/root/build
    cp /mnt/layer/machine/* /run/machine
    mv /run/machine/machine.service /run/systemd/system
    ln -s ../machine.service /run/systemd/system/multi-user.target.wants/machine.service
    exec switch_root /mnt/root /usr/lib/systemd/systemd
}

# guest_root KIND DISK: mounts the root file system at /mnt/root, which is made and filled at the first boot. But for an overlay it holds all except /usr
# and /boot, which stay read-only.
guest_root() {
    local kind=$1 disk=/dev/$2 new=''
    [ "$kind" != overlay ] || { mount --bind /mnt/layered /mnt/root; return; }
    [ -e /mnt/layer/machine/made ] || new=yes
    export DM_DISABLE_UDEV=1                                        # none runs yet
    [ -z "$new" ] || guest_new_root "$kind" "$disk"
    case $kind in
    btrfs)
        mount -t btrfs -o subvol=@ "$disk" /mnt/root
        guest_mount home -t btrfs -o subvol=@home "$disk" ;;
    tmpfs)
        mount -t tmpfs -o mode=0755 tmpfs /mnt/root
        guest_mount persist -t btrfs -o subvol=persist "$disk"
        guest_mount home -t btrfs -o subvol=home "$disk" ;;
    zfs)
        modprobe zfs
        zpool list rpool >/dev/null 2>&1 || zpool import -N -f -d "${disk}1" rpool
        mount -t zfs -o zfsutil rpool/ROOT/debian /mnt/root
        guest_mount home -t zfs -o zfsutil rpool/home ;;
    lvm-*)
        vgchange --activate y system
        mount -t "${kind#lvm-}" /dev/system/root /mnt/root ;;
    esac
    [ -z "$new" ] && [ "$kind" != tmpfs ] ||
        tar --directory /mnt/layered --create --exclude='./usr/*' --exclude='./boot/*' . | tar --directory /mnt/root --extract --preserve-permissions
    touch /mnt/layer/machine/made
    mount --bind -o ro /mnt/layered/usr /mnt/root/usr
    mount --bind -o ro /mnt/layered/boot /mnt/root/boot
}
guest_mount() { # DIRECTORY OPTION…: below the root
    mkdir -p "/mnt/root/$1"
    mount "${@:2}" "/mnt/root/$1"
}
guest_new_root() { # KIND DISK
    case $1 in
    btrfs | tmpfs)
        mkfs.btrfs --quiet "$2"
        mount -t btrfs "$2" /mnt/root
        if [ "$1" = btrfs ]; then set -- @ @home; else set -- persist home; fi
        (cd /mnt/root && btrfs subvolume create "$@" >/dev/null)
        umount /mnt/root ;;
    zfs)
        modprobe zfs
        # One partition of 4 GiB less 1 MiB: zpool waits for udev when it makes one itself. The numbers: type, first sector, count of sectors.
        printf '\0\0\0\0\x83\0\0\0\0\x08\0\0\0\xf8\x7f\0' | dd of="$2" bs=1 seek=446 conv=notrunc status=none
        printf '\x55\xaa' | dd of="$2" bs=1 seek=510 conv=notrunc status=none
        blockdev --rereadpt "$2"
        zpool create -f -o ashift=12 -o cachefile=none -O mountpoint=none -O acltype=posix -O xattr=sa rpool "${2}1"
        zfs create -u -o mountpoint=none rpool/ROOT
        zfs create -u -o canmount=noauto -o mountpoint=/ rpool/ROOT/debian
        zfs create -u -o mountpoint=/home rpool/home ;;
    lvm-*)
        pvcreate "$2"
        vgcreate --autobackup n system "$2"               # /etc is read-only as yet
        lvcreate --autobackup n --type thin-pool --size 3G --name pool system
        lvcreate --autobackup n --thin --virtualsize 2G --name root system/pool
        "mkfs.${1#lvm-}" -q /dev/system/root ;;
    esac
}

# The service of each boot that runs COMMAND. It says on the port "control" when it is up, that it still is, and how COMMAND ended, unless a shutdown ended it.
guest_command() {
    local control boot out err argv status
    systemctl is-system-running --wait >/dev/null 2>&1 || systemctl --failed --no-pager --no-legend >/dev/virtio-ports/err
    exec {control}<>/dev/virtio-ports/control
    echo up >&$control
    read -r boot <&$control
    guest_relay out
    guest_relay err
    guest_signals <&$control &
    while echo alive >&$control; do sleep 10; done &
    mapfile -d '' -t argv </run/machine/arguments
    enter() { "$@"; }
    lead "$boot" --pipe "${argv[@]}" < <(exec cat /dev/virtio-ports/in) >/run/machine/out 2>/run/machine/err
    [ "$(systemctl is-system-running)" != stopping ] || return 0
    wait "$out" "$err"
    echo "ended $status $(cat /run/machine/out.bytes /run/machine/err.bytes | paste --serial --delimiters ' ')" >&$control
}
# guest_relay NAME: from a pipe to the port NAME, counted; NAME becomes its process.
guest_relay() {
    mkfifo "/run/machine/$1"
    tee "/dev/virtio-ports/$1" <"/run/machine/$1" | wc -c >"/run/machine/$1.bytes" &
    printf -v "$1" %s $!
}
guest_signals() {
    local signal
    while read -r signal; do kill -s "$signal" $$; done
}

# --- on the host -----------------------------------------------------------------------------------------------------------------------------

# open_disk NAME SIZE: a file in the cache directory, open as $disk. Its name goes at once; watch_over removes what was killed before that.
open_disk() {
    exec {disk}>"$cache/$name.$1"
    truncate -s "$2" "$cache/$name.$1"
}

# The layer's disk: what is installed over the base, the checkout, the build directory without what its programs are made from.
make_layer_disk() {
    local content=$layer/disk
    mkdir -p "$content"/{upper,work,src,build,machine}
    (nspawn --pipe --as-pid2 --bind="$content/build:/programs" /bin/sh -euc '
        cd /build
        what="( -name sanitized -o -name threads -o -name *.p ) -prune -o -type f"
        set -f
        find . $what ! -name "*.a" ! -size +1M -print0 | tar --create --null --files-from=- | tar --extract --directory /programs
        find . $what -size +1M -perm -u+x -print | while read -r program; do
            mkdir -p "/programs/${program%/*}"
            strip --strip-debug -o "/programs/$program" "$program"
        done') </dev/null >"$layer/disk.log" 2>&1 || { cat "$layer/disk.log" >&2; die "cannot copy $build"; }
    rmdir "$layer/upper/programs"
    { declare -f $guest; echo '"$@"'; } >"$content/machine/guest"
    printf '%s\0' "$@" >"$content/machine/arguments"
    echo "$vm_root" >"$content/machine/root"
    cat >"$content/machine/machine.service" <<'UNIT'
[Service]
ExecStart=/bin/bash -euo pipefail /run/machine/guest guest_command
StandardError=journal+console
KillMode=mixed
UNIT
    mount --bind "$layer/upper" "$content/upper"
    mount --bind "$checkout" "$content/src"
    open_disk layer 8G
    mkfs.ext4 -q -F -m 0 -J size=16 -d "$content" "$cache/$name.layer" || die 'cannot make the disk of the layer'
    umount "$content/upper" "$content/src"
}

vm_died() { tail -n 50 "$layer/console" >&2; die "the machine $*; the above is the end of its console"; }

# What a relay has handed on, in bytes; one that is gone, as when nobody reads, hands on nothing more.
relayed() { awk '$1 == "wchar:" {print $2}' "/proc/$1/io" 2>/dev/null || echo "${2-0}"; }

boot_vm() {
    local disk blank blank_disks=(disk1 disk2 disk3 disk4) drives=() qemu input kept out err control to_control booting_since
    [ "$vm_root" = overlay ] || blank_disks+=(root)
    make_layer_disk "$@"
    drives+=(-drive "if=none,id=layer,file=/proc/self/fd/$disk,format=raw,cache=unsafe,discard=unmap" -device virtio-blk-pci,drive=layer,serial=layer)
    rm "$cache/$name.layer"
    for blank in "${blank_disks[@]}"; do
        open_disk "$blank" "$blank_disk_size"
        rm "$cache/$name.$blank"
        drives+=(-drive "if=none,id=$blank,file=/proc/self/fd/$disk,format=raw,cache=unsafe,discard=unmap" -device "virtio-blk-pci,drive=$blank,serial=$blank")
    done
    mkfifo "$layer/in" "$layer/out" "$layer/err" "$layer/control.in" "$layer/control.out"
    mkdir "$layer/tpm"
    touch "$layer/console"
    exec {control}<>"$layer/control.out" {to_control}<>"$layer/control.in"
    cat <&0 >"$layer/in" &
    exec {input}<"$layer/in" {kept}<>"$layer/out" {kept}<>"$layer/err"      # they outlive a qemu
    cat <"$layer/out" &
    out=$!
    cat <"$layer/err" >&2 &
    err=$!
    trap 'echo USR1 >&$to_control' USR1
    trap 'echo TERM >&$to_control' TERM
    power_on
    watch_vm
}

# A machine that resets, reboots or goes off gets a new qemu: the kernel does not expect a counter of the processor that goes on counting over a reset,
# as it does in an emulated one, and stands still for as long as the machine was up.
power_on() {
    local kernel=(
        root=/dev/nvme0n1 ro rootwait console=ttyS0 loglevel=4 systemd.show_status=no systemd.getty_auto=no
        # what costs seconds when it is emulated, and no test asks for
        mitigations=off no_timer_check module_blacklist=kvm_amd,efi_pstore,drm,qemu_fw_cfg,powernow_k8,evdev,serio_raw
        init=/bin/bash -- -c "\"mount -t devtmpfs devtmpfs /dev && mount -t tmpfs tmpfs /mnt && mkdir /mnt/layer && modprobe virtio_blk &&
            mount -o noinit_itable /dev/vda /mnt/layer && exec bash -euo pipefail /mnt/layer/machine/guest guest_init\""
    )
    swtpm socket --tpm2 --tpmstate "dir=$layer/tpm" --ctrl "type=unixio,path=$layer/tpm.socket" --terminate --daemon >"$layer/swtpm" 2>&1 ||
        { cat "$layer/swtpm" >&2; die 'there is no TPM'; }
    qemu-system-x86_64 -name "$name" -no-reboot -nodefaults -no-user-config -display none -nic none \
        -M q35,sata=off,smbus=off,usb=off -accel tcg,thread=multi -cpu max -smp 2 -m 2048 \
        -kernel "$vm_base/vmlinuz" -append "$(printf '%s ' "${kernel[@]}" | tr -s '\n ' ' ')" \
        -serial "file:$layer/console" -drive "if=none,id=base,file=$vm_base/root.img,format=raw,readonly=on" -device nvme,drive=base,serial=base \
        "${drives[@]}" -device virtio-serial-pci \
        -chardev "socket,id=tpm,path=$layer/tpm.socket" -tpmdev emulator,id=tpm,chardev=tpm -device tpm-tis,tpmdev=tpm \
        -chardev stdio,id=in,signal=off -device virtserialport,chardev=in,name=in \
        -chardev "file,id=out,path=$layer/out" -device virtserialport,chardev=out,name=out \
        -chardev "file,id=err,path=$layer/err" -device virtserialport,chardev=err,name=err \
        -chardev "pipe,id=control,path=$layer/control" -device virtserialport,chardev=control,name=control \
        <&"$input" >"$layer/qemu" 2>&1 &
    qemu=$! booting_since=$SECONDS
}

# Exits with COMMAND's status when it has ended.
watch_vm() {
    local line part said='' boots=0 panics=0 heard=$SECONDS status out_bytes err_bytes out_before err_before
    while :; do
        line=''
        if read -r -t 1 part <&$control; then line=$said$part said=''; else said+=$part; fi      # the time may be over amid a line
        case $line in
        up)
            boots=$((boots + 1)) booting_since='' heard=$SECONDS out_before=$(relayed "$out") err_before=$(relayed "$err")
            echo $boots >&$to_control ;;
        alive) heard=$SECONDS ;;
        ended\ *)
            read -r _ status out_bytes err_bytes <<<"$line"
            until (($(relayed "$out" 999999999999) >= out_before + out_bytes && $(relayed "$err" 999999999999) >= err_before + err_bytes)); do sleep 0.02; done
            exit "$status" ;;
        esac
        if ! kill -0 "$qemu" 2>/dev/null; then
            [ -z "$booting_since" ] || { cat "$layer/qemu" >&2; vm_died 'went off while it booted'; }
            power_on
        fi
        if grep --quiet 'Kernel panic' "$layer/console"; then
            # Of some dozens of boots one dies within seconds, in code that the kernel patches while it runs, as qemu emulates that.
            [ -n "$booting_since" ] && ((panics++ < 3)) || vm_died 'panicked'
            kill -KILL "$qemu"
            wait "$qemu" || true
            power_on
        fi
        [ -z "$booting_since" ] || ((SECONDS - booting_since < boot_limit)) || vm_died "does not boot within $boot_limit s"
        # an emulated processor does not always wake from a sleep
        [ -n "$booting_since" ] || ((SECONDS - heard < silence_limit)) || vm_died "stands still: it has said nothing for $silence_limit s"
    done
}
