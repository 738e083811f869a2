// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// One fault of a configuration file. Line and column count from 1; 0: the fault has no place in the file.
struct Diagnostic {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string message;

    friend bool operator==(const Diagnostic &, const Diagnostic &) = default;
};

/// "FILE:LINE:COLUMN: MESSAGE" on one line: control characters and bytes that are not UTF-8 are shown as \xNN, whoever wrote them.
[[nodiscard]] std::string to_string(const Diagnostic &diagnostic);

/// `text` on one line that a terminal and a journal can take: control characters (C0, C1), bidirectional overrides and bytes that
/// are not UTF-8 become \xNN; longer than `limit` bytes: cut, with "…".
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 4096);

/// The element of `known` that `word` was probably meant to be; empty when none is near.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// A configuration that cannot be used, with every fault that was found in it, in the order of the files' lines. At least one.
class ConfigError : public std::exception
{
public:
    explicit ConfigError(std::vector<Diagnostic> diagnostics);
    [[nodiscard]] const char *what() const noexcept override { return text_.c_str(); } ///< one diagnostic a line
    [[nodiscard]] const std::vector<Diagnostic> &diagnostics() const noexcept { return diagnostics_; }

private:
    std::vector<Diagnostic> diagnostics_;
    std::string text_;
};

} // namespace igotchuu
