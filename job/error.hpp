// SPDX-License-Identifier: MIT
#pragma once

#include <format>
#include <system_error>
#include <utility>

namespace igotchuu
{

/// Throws std::system_error whose what() is "cannot WHAT PATH: WHY". `what` is a std::format string: fail(errno, "cannot open {}", path).
/// When an argument calls something, save errno first.
template <typename... Arguments>
[[noreturn]] void fail(int error, std::format_string<Arguments...> what, Arguments &&...arguments)
{
    throw std::system_error{error, std::generic_category(), std::format(what, std::forward<Arguments>(arguments)...)};
}

/// A failure that no errno describes; what() is one sentence that says what to do.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The run was asked to stop. No std::exception, so that no handler of errors swallows it.
struct Cancelled {
};

} // namespace igotchuu
