// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::restic
{

// Snapshots as restic lists them in JSON, versions 0.17 to 0.19. All of these throw NotUnderstood for what is not as it has to be.

/// what() is a few words: "tags is no list".
struct NotUnderstood : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Keeps what has one of the names, for json::parse(), so that nothing takes much memory: a snapshot has a summary, and may have long lists.
class Sieve
{
public:
    Sieve(std::span<const std::string_view> names, int deepest) : names_{names}, deepest_{deepest} {}
    bool operator()(int depth, nlohmann::json::parse_event_t event, const nlohmann::json &parsed);
    [[nodiscard]] bool overflown() const noexcept { return seen_ > most; }

private:
    static constexpr std::size_t most = 3'000'000; // a snapshot has 50 or so, twice in a plan
    std::span<const std::string_view> names_;
    int deepest_;
    std::size_t seen_ = 0;
};

[[nodiscard]] const nlohmann::json &member(const nlohmann::json &object, const char *name); ///< null: there is none
[[nodiscard]] const nlohmann::json &list(const nlohmann::json &object, const char *name); ///< Go has null for one that is empty
[[nodiscard]] std::string text(const nlohmann::json &object, const char *name);
[[nodiscard]] std::vector<std::string> texts(const nlohmann::json &object, const char *name);

[[nodiscard]] std::string id_of(const nlohmann::json &snapshot); ///< 64 hexadecimal digits: it may become an argument
[[nodiscard]] std::string original_of(const nlohmann::json &snapshot); ///< empty: it has the id that it was made with
[[nodiscard]] std::chrono::sys_time<std::chrono::nanoseconds> time_of(const nlohmann::json &snapshot);

} // namespace igotchuu::restic
