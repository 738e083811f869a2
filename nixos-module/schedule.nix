# SPDX-License-Identifier: MIT
# When a job runs, of three options that each may say it: no schedule is lost, and none is left, without a word.
{ lib }:
let
  isSchedule = key: value: value != null && lib.hasPrefix "On" key;
  schedules = timer: lib.filterAttrs isSchedule (if timer == null then { } else timer);
  has = timer: schedules timer != { };
in
{
  inherit has;

  # The definition of settings.timer that timerConfig comes to, below what stands in the settings themselves.
  timerOf =
    defaults: timerConfig:
    if timerConfig == null then
      lib.mkIf (has defaults) (lib.mkDefault (lib.mapAttrs (_: _: [ ]) (schedules defaults)))
    else if timerConfig == { } then
      lib.mkIf (!has defaults) (lib.mkDefault { OnCalendar = "daily"; })
    else
      lib.mapAttrs (_: lib.mkDefault) timerConfig;
}
