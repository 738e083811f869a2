// SPDX-License-Identifier: MIT
#pragma once

#include "exec/person.hpp"
#include "job/fd.hpp"

#include <optional>
#include <string>
#include <sys/stat.h>
#include <utility>

namespace igotchuu::retrieve
{

/// The way to what is restored, name by name and never through a link, with the rights of a person; as root only through directories that nobody else can change:
/// who moves one of them while root works there leads root to where he may not write himself.
class Way
{
public:
    /// `to`: the directory that all of it comes to; empty: to where it was.
    explicit Way(const std::optional<Person> &as, std::string to = {}) : as_{as}, to_{std::move(to)} {}

    [[nodiscard]] const std::optional<Person> &as() const noexcept { return as_; }
    /// "/" itself.
    [[nodiscard]] Fd root() const;
    /// Opens the directory `name` of `from`; `path`: of it. Nothing: there is none, or no directory. Throws Failure, with the remedy, for a link and for one that others can change;
    /// std::system_error.
    [[nodiscard]] Fd enter(const Fd &from, const std::string &name, const std::string &path) const;
    /// The whole of an absolute path.
    [[nodiscard]] Fd open(const std::string &path) const;
    /// For a directory that is written to: where others may make names it is refused, though they may not take away those of others (/tmp).
    void check_written(const Fd &directory, const std::string &path) const;

    /// Whether that person may make something in it, whose rights are those of this thread (RightsOf).
    [[nodiscard]] bool may_write(const Fd &directory) const;

private:
    [[noreturn]] void refuse_owner(uid_t user, const std::string &path) const;
    [[nodiscard]] std::string remedy_for(const std::string &path) const;

    std::optional<Person> as_;
    std::string to_;
};

} // namespace igotchuu::retrieve
