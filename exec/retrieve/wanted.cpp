// SPDX-License-Identifier: MIT
#include "exec/retrieve/wanted.hpp"

#include "exec/restic/node.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <ranges>

namespace igotchuu::retrieve
{

namespace
{

using nlohmann::json;

/// restic's words for types. No socket is in a snapshot.
mode_t type_called(std::string_view word)
{
    struct Known {
        std::string_view word;
        mode_t type;
    };
    constexpr std::array all{Known{"file", S_IFREG}, Known{"dir", S_IFDIR},     Known{"symlink", S_IFLNK},
                             Known{"dev", S_IFBLK},  Known{"chardev", S_IFCHR}, Known{"fifo", S_IFIFO}};
    const auto *const found = std::ranges::find(all, word, &Known::word);
    return found == all.end() ? 0 : found->type;
}

template <typename Number>
Number whole(const json &object, const char *name)
{
    const auto found = object.find(name);
    return found != object.end() && found->is_number_unsigned() ? found->get<Number>() : Number{0};
}

std::string text(const json &object, const char *name)
{
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// restic lists a tree in order, so that it mostly is the last one.
Wanted *inside(Wanted &directory, std::string_view name)
{
    auto &all = directory.inside;
    if (!all.empty() && all.back().name == name)
        return &all.back();
    const auto found = std::ranges::find(all, name, &Wanted::name);
    return found == all.end() ? nullptr : &*found;
}

} // namespace

std::optional<timespec> listed_time(const std::string &text)
{
    std::tm parts{};
    const char *at = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (at == nullptr)
        return {};
    timespec time{.tv_sec = 0, .tv_nsec = 0};
    if (*at == '.')
        for (long unit = 100'000'000; *++at >= '0' && *at <= '9'; unit /= 10)
            time.tv_nsec += unit * (*at - '0');
    long offset = 0;
    if (*at == '+' || *at == '-') {
        int hours = 0, minutes = 0;
        if (std::sscanf(at + 1, "%2d:%2d", &hours, &minutes) != 2)
            return {};
        offset = (*at == '-' ? -1 : 1) * (hours * 3600L + minutes * 60L);
    } else if (*at != 'Z') {
        return {};
    }
    time.tv_sec = timegm(&parts) - offset;
    return time;
}

bool is_time(const timespec &here, const timespec &stored) noexcept
{
    const auto apart = here.tv_sec - stored.tv_sec;
    return (apart == 0 && here.tv_nsec == stored.tv_nsec) || (here.tv_nsec == 0 && (apart == 0 || apart == -1));
}

void add_listed(Wanted &root, std::string_view line)
{
    const auto object = json::parse(line, nullptr, false);
    const auto path = object.is_object() && text(object, "struct_type") == "node" ? text(object, "path") : std::string{};
    const auto type = path.starts_with('/') ? type_called(text(object, "type")) : 0;
    if (type == 0)
        return;
    auto *at = &root;
    for (const auto &part : std::views::split(std::string_view{path}.substr(1), '/')) {
        const std::string_view name{part};
        auto *next = inside(*at, name);
        if (next == nullptr) {
            at->inside.push_back({.name = std::string{name}});
            next = &at->inside.back();
        }
        at = next;
    }
    ++at->alike;
    at->mode = type | restic::mode_bits(whole<std::uint64_t>(object, "mode"));
    at->user = whole<uid_t>(object, "uid");
    at->group = whole<gid_t>(object, "gid");
    at->size = type == S_IFREG ? whole<std::uint64_t>(object, "size") : 0;
    at->inode = whole<std::uint64_t>(object, "inode");
    at->changed = listed_time(text(object, "mtime"));
}

Wanted *find(Wanted &root, std::string_view path)
{
    auto *at = &root;
    for (const auto &part : std::views::split(path, '/'))
        if (const std::string_view name{part}; !name.empty() && at != nullptr)
            at = inside(*at, name);
    return at;
}

void take_for_way(Wanted &root, std::string_view path)
{
    for (auto above = path.substr(0, path.rfind('/')); !above.empty(); above = above.substr(0, above.rfind('/')))
        if (auto *const directory = find(root, above))
            directory->mode = 0;
}

} // namespace igotchuu::retrieve
