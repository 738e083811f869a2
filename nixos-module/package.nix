# SPDX-License-Identifier: MIT
{
  lib,
  stdenv,
  catch2_3,
  cli11,
  coreutils,
  curl,
  lvm2,
  meson,
  ninja,
  nlohmann_json,
  openssh,
  pkg-config,
  python3,
  qrencode,
  rclone,
  restic,
  scdoc,
  sdbus-cpp_2,
  systemd,
  tomlplusplus,
  util-linux,
}:
stdenv.mkDerivation (finalAttrs: {
  pname = "igotchuu";
  version = "0.1.0";

  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../cli
      ../dbus
      ../exec
      ../generator
      ../job
      ../man
      ../meson.build
      ../meson.options
      ../tests
      ../units
    ];
  };

  strictDeps = true;
  depsBuildBuild = [ pkg-config ]; # finds scdoc
  nativeBuildInputs = [
    meson
    ninja
    pkg-config
    python3
    scdoc
    sdbus-cpp_2 # its code generator
  ];
  buildInputs = [
    catch2_3
    cli11
    nlohmann_json
    qrencode
    sdbus-cpp_2
    systemd
    tomlplusplus
    util-linux # libmount
  ];

  # A unit has no PATH that can be relied on: every program is known by its own.
  mesonFlags = lib.mapAttrsToList lib.mesonOption {
    restic = lib.getExe restic;
    ssh = lib.getExe' openssh "ssh";
    rclone = lib.getExe rclone;
    curl = lib.getExe curl;
    lvm = lib.getExe' lvm2 "lvm";
    setpriv = lib.getExe' util-linux "setpriv";
    chroot = lib.getExe' coreutils "chroot";
    stat = lib.getExe' coreutils "stat";
    systemctl = lib.getExe' systemd "systemctl";
    systemd-run = lib.getExe' systemd "systemd-run";
    systemd-creds = lib.getExe' systemd "systemd-creds";
    systemd-analyze = lib.getExe' systemd "systemd-analyze";
    journalctl = lib.getExe' systemd "journalctl";
    # The programs of ZFS have to be of the version that the kernel's module is, which the system knows; and whoever has no ZFS needs none.
    zfs = "/run/booted-system/sw/bin/zfs";
    # setgid, so by NixOS's wrapper.
    sendmail = "/run/wrappers/bin/sendmail";
    admin-path = "/run/wrappers/bin:/run/current-system/sw/bin";
  };

  doCheck = true;
  # Not meson's own phase: it builds no tests. The others need a machine with systemd and btrfs: tools/check.
  checkPhase = ''
    runHook preCheck
    meson test --suite unit --print-errorlogs
    runHook postCheck
  '';

  meta = {
    description = "Consistent backups of a running system with restic, from snapshots of btrfs, ZFS and LVM";
    license = lib.licenses.mit;
    platforms = lib.platforms.linux;
    mainProgram = "igotchuu";
  };
})
