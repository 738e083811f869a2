// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

/// MESSAGE_ID= of what an admin may want to find or act on. Each has its text in units/igotchuu.catalog, which journalctl -x shows.
/// An id never changes its meaning. A new one: systemd-id128 new.
namespace igotchuu::message_id
{

inline constexpr std::string_view backup_started = "2bbca86eedda439c9dfcd2628d126a5b"; ///< a run begins
inline constexpr std::string_view backup_completed = "e6ccea640f35452a9c2541d44027166f"; ///< outcome success
inline constexpr std::string_view backup_pending = "f4cfd386a4264555b459f650d52b8262"; ///< outcome pending
inline constexpr std::string_view backup_partial = "395b299b5faa47cda3ac99778ea725bc"; ///< outcome partial
inline constexpr std::string_view backup_stopped = "0c845d7c8d9b4a9db6c86537f20b0dae"; ///< outcome stopped
inline constexpr std::string_view backup_failed = "884de6219743408e82f0dcf4d194cff8"; ///< outcome failed
inline constexpr std::string_view backup_disproved = "b44e81de03eb44c3b3fb83fc60118db0"; ///< outcome disproved
inline constexpr std::string_view backup_killed = "f5836e74156d44a9aa6c6fbc6cc48758"; ///< outcome killed; written by reap
inline constexpr std::string_view backup_put_off = "e7b920eee7514e65852acb2b58a1e845"; ///< outcome not-now
inline constexpr std::string_view bad_configuration = "f897de8e28954ca78db44a792331bb85"; ///< outcome bad-configuration
inline constexpr std::string_view configuration_fault = "2b89167fdaa74c6da2c7210817927ac0";
inline constexpr std::string_view backup_proven = "c3471821a7034f8dbfc30cace9c305b8"; ///< of one repository
inline constexpr std::string_view backup_unproven = "8e4dac1f749f471ea05c49aaa21d4c5f"; ///< the proof came to no end
inline constexpr std::string_view repository_result = "5f9bc05f01994d30b4b856f181131c14";
inline constexpr std::string_view file_complaint = "5a9981d62937411f814e687705e7ef1f";
inline constexpr std::string_view complaints_left_out = "785ac6d08c964e12900c179a1f747024";
inline constexpr std::string_view restic_stands_still = "6c8d90384f514088bbec3940ca0d47c4"; ///< by a SIGSTOP or the like
inline constexpr std::string_view left_over_reaped = "a4c493d8c60f4cd79e04744be9e2f45a"; ///< what a killed run left was removed
inline constexpr std::string_view left_over_stuck = "085814b279e94ffcb03ed8b18c1e9486";
inline constexpr std::string_view foreign_in_pool = "0db98725190041489cee6821d88a5b4d"; ///< something in .igotchuu that is not ours
inline constexpr std::string_view frozen = "096cc76f665f4b3db75dc1ffcfd1bc75"; ///< a source is, and how
inline constexpr std::string_view held = "b90cc4f11a2746f2b2a266f9cdba90c7"; ///< by the key `hold`, and for how long
inline constexpr std::string_view backed_up_live = "e5a2a704d0a943a2b1c0fa23a88003ee"; ///< without a snapshot
inline constexpr std::string_view read_only_left_out = "a4c7f9a581214f729b0713657781dbdd";
inline constexpr std::string_view in_memory_left_out = "fcc354631f46401abda89173399c30bc"; ///< a tmpfs below a source
inline constexpr std::string_view over_limit = "4e582eb98ec242839159148a6b4413b4"; ///< more nested subvolumes than nested-max
inline constexpr std::string_view not_one_instant = "e890b0899b704877af55a3ec69f18fd9";
inline constexpr std::string_view embedded_repository = "c38ee20f8576408890131add84bd72cd";
inline constexpr std::string_view repository_in_source = "45ec673c47cd454b9ec1047a2c82fc4e";
inline constexpr std::string_view instant_kept = "ad2880d273b94611b7f0928e3c28fbca"; ///< for a repository that is absent
inline constexpr std::string_view instant_sent = "ed9d70b8c5a1498f8cd11df58df90fe0"; ///< to all that were to have it
inline constexpr std::string_view instant_dropped = "58cbf70508f14cfc90211a1d29e25fb0"; ///< before all had it
inline constexpr std::string_view instant_without_job = "ab1c1dd76de14cf6a56219383f89106c"; ///< its job is gone
inline constexpr std::string_view waits_no_longer = "1f7fa650deb3408db4c97107c13662a1"; ///< wait.latest-hours are over
inline constexpr std::string_view old_forgotten = "3b6473f2bf13443db07a1ddaf529ccbf"; ///< snapshots that no rule keeps were removed
inline constexpr std::string_view retention_held = "53ac387e8275487c81332501017bbf6f"; ///< they were not, and why
inline constexpr std::string_view retention_put_off = "fcf2299e4d5643fdb0d0c6b2ead37873"; ///< another restic is at work
inline constexpr std::string_view retention_failed = "66b648692b6d4a16954830fc971dda4a"; ///< restic could not
inline constexpr std::string_view maintenance_started = "7669add6b98c4fb38b46110c88454a0b"; ///< of a repository
inline constexpr std::string_view maintenance_completed = "45114d76d4b84bd09fd0382e7334ba62"; ///< outcome success
inline constexpr std::string_view maintenance_stopped = "bdfc15e181c2439dab4a085027ee7c4a"; ///< outcome stopped
inline constexpr std::string_view maintenance_failed = "9e576a5aa43f4fe391d15e746daf978e"; ///< outcome failed
inline constexpr std::string_view maintenance_put_off = "3baee056bdfe41be82ef69b36227d44d"; ///< outcome not-now
inline constexpr std::string_view maintenance_bad_configuration = "cb6a9fe78afc4b748ac80c77f0583975"; ///< outcome bad-configuration
inline constexpr std::string_view locks_removed = "6356ba4a1c9d4993bf3dee55cdf12192"; ///< restic was asked to remove stale ones
inline constexpr std::string_view repository_damaged = "ec3574d05bba4484b192529969ff6d1c"; ///< restic check has found faults
inline constexpr std::string_view recovery_key_unconfirmed = "1a0d3d25cd63442bb87922aed57a08cb"; ///< nobody is known to have it
inline constexpr std::string_view recovery_key_gone =
    "cdf891fa477c48f7b52596cebb5b405c"; ///< the one that is known is not in the repository any more
inline constexpr std::string_view backup_fresh = "8f3f3a6b0d4d41f7b3b5d9b1178b5713"; ///< within the job's objective
inline constexpr std::string_view backup_before_gone =
    "5d2e7c1b90f34c5ea86b3f41d7c2096e"; ///< it is fresh, and the repository had lost the one before it
inline constexpr std::string_view backup_too_old = "08adfc47822d44579009f3a94a6e129f"; ///< or there is none
inline constexpr std::string_view freshness_unknown = "c7502b27dea14b86abca32298c4d78b0"; ///< the repository cannot say
inline constexpr std::string_view channel_failed = "901bb391e1264217b4842c71d02041c0";

} // namespace igotchuu::message_id
