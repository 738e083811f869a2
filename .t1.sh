ninja -k 0 -C /build meson-test-prereq >/tmp/n 2>&1 || { grep -A12 -E "FAILED|error" /tmp/n | head -80; }; date
meson test -C /build --no-rebuild --suite unit --suite generator --suite nixos --quiet 2>&1 | tail -60
meson test -C /build --no-rebuild --print-errorlogs a-restore-from-a-damaged-repository-replaces-no-file a-restore-overwrites-nothing-unasked what-was-lost-is-found what-was-lost-comes-back-as-it-was 2>&1 | tail -70
IGOTCHUU_ACCEPT=1 bash tests/system/the-first-day-is-as-it-is-told.sh; date
