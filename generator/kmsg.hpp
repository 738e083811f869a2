// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <string>
#include <string_view>
#include <unordered_set>

namespace igotchuu::generator
{

/// Where a generator can speak: systemd gives it no standard error, and the journal may not run yet. kmsg: "/dev/kmsg" in kernel's printk
/// documentation. By hand, or where there is no kmsg: standard error. Says each line once: a broken defaults.toml is in every job's errors.
class Log
{
public:
    enum class To { kmsg, standard_error };
    explicit Log(To to);

    void error(std::string_view text)
    {
        write_lines('3', text);
        has_errors_ = true;
    }
    void warning(std::string_view text) { write_lines('4', text); }
    [[nodiscard]] bool has_errors() const noexcept { return has_errors_; }
    [[nodiscard]] int fd() const noexcept; ///< for a signal handler

private:
    void write_lines(char level, std::string_view text);
    Fd kmsg_;
    bool has_errors_ = false;
    std::unordered_set<std::string> said_;
};

} // namespace igotchuu::generator
