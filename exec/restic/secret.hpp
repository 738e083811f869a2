// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/fd.hpp"
#include "job/job.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace igotchuu::restic
{

/// `bytes` in sealed memory, to be inherited by a child and read there as /proc/self/fd/N: neither an argument nor the environment nor a file
/// ever holds them. memfd_create(2).
[[nodiscard]] Fd sealed(std::string_view bytes);

/// A text that is overwritten when it is no longer needed.
class Confidential
{
public:
    explicit Confidential(std::string text) : text_{std::move(text)} {}
    ~Confidential();
    Confidential(const Confidential &) = delete;
    Confidential &operator=(const Confidential &) = delete;
    Confidential(Confidential &&other) noexcept : text_{std::exchange(other.text_, {})} {}
    Confidential &operator=(Confidential &&other) noexcept
    {
        std::swap(text_, other.text_);
        return *this;
    }
    [[nodiscard]] const std::string &text() const noexcept { return text_; }

private:
    std::string text_;
};

/// A new password: 256 random bits as 64 hexadecimal digits. getrandom(2).
[[nodiscard]] Confidential new_password();
/// One for paper (job/recovery-key.hpp).
[[nodiscard]] Confidential new_recovery_key();

/// The file that the key load-credential or load-credential-encrypted names for a credential; empty: none does.
[[nodiscard]] std::string loaded_from(std::span<const std::string> lines, const std::string &id);

/// Where the secrets of a repository are. All of these throw Failure that names the file, the credential or the program when it is not there, no regular file,
/// over 64 KiB, or has nothing in it; an empty secret never passes for one.
class Secrets
{
public:
    /// `credentials_directory`: systemd's for this unit; empty: there is none. `instance`: the job's.
    Secrets(const Repository &repository, const std::string &instance, const std::string &credentials_directory,
            const StopRequest &stop)
        : repository_{repository}, instance_{instance}, credentials_directory_{credentials_directory}, stop_{stop}
    {
    }

    /// What it says, without white space at its ends: a password file ends with a newline, and restic cuts that off, too.
    [[nodiscard]] Confidential text(const Secret &secret) const;
    /// The path of what a program takes as a file; of an empty secret an empty one.
    [[nodiscard]] std::string path(const Secret &secret) const;
    /// Whether there is something where it should be. Of what a program prints: always.
    [[nodiscard]] bool has(const Secret &secret) const;

private:
    [[nodiscard]] bool has_credential(const std::string &id) const;
    [[nodiscard]] std::string credential_path(const std::string &id) const;
    [[nodiscard]] std::string printed() const;

    const Repository &repository_;
    const std::string &instance_, &credentials_directory_;
    const StopRequest &stop_;
};

} // namespace igotchuu::restic
