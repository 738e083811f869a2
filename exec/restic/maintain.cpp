// SPDX-License-Identifier: MIT
#include "exec/restic/maintain.hpp"

#include "exec/restic/unsound.hpp"
#include "exec/restic/verdict.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <format>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace igotchuu::restic
{

namespace
{

constexpr auto wait = "--retry-lock=5m"; // as a backup does

void expect_success(const Repository &repository, const Ended &ended)
{
    if (ended.end.succeeded())
        return;
    if (ended.was_stopped() && !ended.end.killed)
        throw Cancelled{};
    if (ended.end.signal == 0 && ended.end.status == exit_code::locked)
        throw Locked{explain(repository, ended)};
    throw Failure{explain(repository, ended)};
}

/// restic check makes a cache anew each time, and one that was killed leaves its own for ever: so it has a directory for it.
class CheckCache
{
public:
    explicit CheckCache(std::string path) : path_{std::move(path)} { remove(); }
    ~CheckCache() { remove(); }
    CheckCache(const CheckCache &) = delete;
    CheckCache &operator=(const CheckCache &) = delete;
    [[nodiscard]] std::string argument() const { return "--cache-dir=" + path_; }

private:
    void remove() noexcept
    {
        std::error_code no_matter; // restic finds another name in it
        std::filesystem::remove_all(path_, no_matter);
    }
    std::string path_;
};

/// Whether a check has found faults. Throws Failure where it may be the connection alone that it complains of.
bool found_faults(const Repository &repository, const Ended &ended, const Unsound &unsound)
{
    if (ended.lost_server())
        return unsound.damaged(); // restic says much when it is asked to end
    const bool by_itself = ended.end.signal == 0 && !ended.end.interrupted;
    if (!by_itself || ended.end.status != exit_code::failed || !ended.words.reason().contains("repository contains errors"))
        return false;
    if (!repository.local_path().empty() || !unsound.cut_off() || unsound.other())
        return true;
    throw Failure{std::format("restic check did not come to its end, and what it says of damage is only what it could not read: {}",
                              explain(repository, ended))};
}

/// What restic prints without a terminal: lines of progress begin with the time.
bool is_progress(std::string_view line)
{
    return line.starts_with('[');
}

} // namespace

std::uint64_t prune(const Starter &starter, const Access &access, const Hear &hear)
{
    const auto &maintenance = access.repository().maintenance;
    Verb verb{.arguments = {"prune", wait}};
    if (!maintenance.max_unused.empty())
        verb.arguments.push_back("--max-unused=" + maintenance.max_unused);
    if (!maintenance.max_repack_size.empty())
        verb.arguments.push_back("--max-repack-size=" + maintenance.max_repack_size);
    std::uint64_t freed = 0;
    verb.line = [&](std::string_view line) {
        if (is_progress(line))
            hear(line);
        else if (const auto bytes = bytes_pruned(line))
            freed = *bytes;
    };
    expect_success(access.repository(), start(starter, access, verb));
    return freed;
}

bool check(const Starter &starter, const Access &access, std::uint32_t part, std::uint32_t parts, const Hear &hear)
{
    const CheckCache cache{std::format("{}/check-{}", starter.installation.cache_directory, access.repository().name)};
    const auto listen = [&](std::string_view line) {
        if (is_progress(line))
            hear(line);
    };
    const Verb verb{.arguments = {"check", wait, cache.argument(), std::format("--read-data-subset={}/{}", part, parts)},
                    .line = listen};
    Unsound unsound;
    auto listener = starter.listener;
    listener.complaint = [&](const std::string &text) {
        unsound.hear(text);
        starter.listener.complaint(text);
    };
    const auto heard = starter.heard_by(listener);
    const auto ended = start(heard, access, verb);
    if (found_faults(access.repository(), ended, unsound))
        return false;
    expect_success(access.repository(), ended);
    return true;
}

std::optional<std::uint64_t> bytes_pruned(std::string_view line)
{
    constexpr std::string_view head = "total prune:", between = " blobs / ";
    constexpr std::array<std::string_view, 5> units{" B", " KiB", " MiB", " GiB", " TiB"};
    const auto middle = line.find(between);
    if (!line.starts_with(head) || middle == line.npos)
        return {};
    const auto amount = line.substr(middle + between.size());
    double number = 0;
    const auto [rest, error] = std::from_chars(amount.data(), amount.data() + amount.size(), number);
    const auto unit = std::ranges::find(units, std::string_view{rest, amount.data() + amount.size()});
    if (error != std::errc{} || unit == units.end() || !(number >= 0 && number < 1e6))
        return {};
    return static_cast<std::uint64_t>(std::ldexp(number, 10 * static_cast<int>(unit - units.begin())));
}

} // namespace igotchuu::restic
