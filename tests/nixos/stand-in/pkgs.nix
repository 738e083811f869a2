# SPDX-License-Identifier: MIT
# A stand-in for nixpkgs: real derivations, but built by this machine's own bash, meson and compiler, without a sandbox. Its packages are the machine's programs,
# copied into the store. Attributes that nixpkgs does not have are not here, so a wrong name fails; whether a right one does what we think, only nixpkgs knows.
{ lib ? import ./lib.nix }:
let
  derivation' = attributes: builtins.derivation ({
    system = builtins.currentSystem;
    builder = "/bin/bash";
    PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
  } // attributes);

  # The last word is the shell's: nix kills a builder that has closed its output, as ln does before it ends where bash has become it.
  # HOME: of what a builder writes to nix's own one, which has to be nowhere, the next build would complain; in a sandbox it could not.
  shell = script: [ "-euc" "export HOME=$PWD\n${script}\n:" ];
  runCommand = name: attributes: script: derivation' (attributes // { inherit name; args = shell script; });

  # program PACKAGE [PATH…]: a package that is these programs of the machine; what it has not got is a link that leads nowhere.
  programs = pname: paths: runCommand pname { } ''
    mkdir -p $out/bin
    for path in ${builtins.concatStringsSep " " paths}; do
      if [ -e $path ]; then cp -L $path $out/bin; else ln -s $path $out/bin; fi
    done
  '' // { meta.mainProgram = pname; };
  nothing = pname: runCommand pname { } "mkdir $out";

  pkgs = {
    inherit lib pkgs runCommand;
    callPackage = path: lib.callPackageWith pkgs (if lib.isFunction path then path else import path);

    linkFarm = name: files: runCommand name { } ("mkdir $out\n" + lib.concatStringsSep "" (lib.mapAttrsToList
      (file: source: "mkdir -p \"$(dirname $out/${quote file})\"\nln -s ${source} $out/${quote file}\n") files));
    formats.toml = _: {
      type = (lib.types.attrsOf (lib.types.raw // { description = "TOML value"; }));
      generate = name: values: runCommand name { json = builtins.toJSON values; to_toml = ../to-toml.py; } "/usr/bin/python3 $to_toml <<<\"$json\" >$out" // { inherit values; };
    };

    # What meson's hook of nixpkgs passes. The build directory stays, so that a second build is a small one; no checks are run.
    stdenv.hostPlatform.system = builtins.currentSystem;
    stdenv.mkDerivation = make: let attributes = make attributes; in derivation' {
      name = "${attributes.pname}-${attributes.version}";
      src = toString attributes.src;
      flags = attributes.mesonFlags;
      args = shell ''
        directory=/build/nix
        [ -d /build ] || directory=$PWD/build
        exec 9>$directory.lock; flock 9
        [ ! -f $directory/build.ninja ] || flags+=' --reconfigure'
        meson setup --buildtype=plain --prefix=$out --libexecdir=$out/libexec --mandir=$out/share/man --datadir=$out/share $flags $directory $src
        ninja -C $directory
        meson install -C $directory --no-rebuild --quiet
      '';
    } // { inherit (attributes) meta pname version strictDeps nativeBuildInputs buildInputs depsBuildBuild; };

    writeText = name: text: runCommand name { inherit text; } "printf %s \"$text\" >$out";
    mkShell = { inputsFrom }: builtins.head inputsFrom;
    testers.runNixOSTest = import;
    nixfmt = nothing "nixfmt";
    restic = programs "restic" [ "/usr/bin/restic" ];
    rclone = programs "rclone" [ "/usr/bin/rclone" ];
    curl = programs "curl" [ "/usr/bin/curl" ];
    openssh = programs "openssh" [ "/usr/bin/ssh" ];
    lvm2 = programs "lvm2" [ "/usr/sbin/lvm" ];
    util-linux = programs "util-linux" [ "/usr/bin/setpriv" ];
    coreutils = programs "coreutils" [ "/usr/sbin/chroot" "/usr/bin/stat" ];
    systemd = programs "systemd" [ "/usr/bin/systemctl" "/usr/bin/systemd-run" "/usr/bin/systemd-creds" "/usr/bin/systemd-analyze" "/usr/bin/journalctl" ];
    # What the machine has where meson looks for it.
    catch2_3 = nothing "catch2";
    cli11 = nothing "cli11";
    meson = nothing "meson";
    ninja = nothing "ninja";
    nlohmann_json = nothing "nlohmann_json";
    pkg-config = nothing "pkg-config";
    python3 = nothing "python3";
    qrencode = nothing "qrencode";
    scdoc = nothing "scdoc";
    sdbus-cpp_2 = nothing "sdbus-cpp";
    tomlplusplus = nothing "tomlplusplus";
  };
  quote = text: "'${text}'";
in
pkgs
