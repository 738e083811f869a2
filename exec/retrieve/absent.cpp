// SPDX-License-Identifier: MIT
#include "exec/retrieve/absent.hpp"

#include "exec/restic/look.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <filesystem>
#include <format>
#include <optional>
#include <string_view>
#include <vector>

namespace igotchuu::retrieve
{

namespace
{

namespace fs = std::filesystem;

/// Nothing: there is no such directory.
std::optional<std::vector<std::string>> names_in(const Session::Found &chosen, const fs::path &directory)
{
    std::vector<std::string> names;
    try {
        restic::list_directory(chosen.place.starter(), chosen.place.access(), chosen.snapshot.id, directory.native(),
                               [&](const restic::Node &node) { names.push_back(fs::path{node.path}.filename().native()); });
    } catch (const restic::NotThere &) {
        return {};
    } catch (const restic::NoDirectory &) {
        return {};
    }
    return names;
}

/// Empty: nothing there is like it.
std::string nearest_to(const Session::Found &chosen, fs::path path)
{
    for (; path.has_relative_path(); path = path.parent_path()) {
        const auto names = names_in(chosen, path.parent_path());
        if (!names)
            continue;
        const auto near = nearest(path.filename().native(), std::vector<std::string_view>{names->begin(), names->end()});
        return near.empty() ? std::string{} : (path.parent_path() / near).native();
    }
    return {};
}

} // namespace

void refuse_absent(const Session::Found &chosen, const std::string &path)
{
    const auto near = nearest_to(chosen, path);
    throw Failure{std::format("{} is not in the snapshot {}{}", printable(path), chosen.snapshot.id.substr(0, 8),
                              near.empty() ? std::string{} : std::format("; did you mean {}?", printable(near)))};
}

} // namespace igotchuu::retrieve
