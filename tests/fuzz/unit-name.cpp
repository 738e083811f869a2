// SPDX-License-Identifier: MIT
// A job's name becomes an instance, an instance a path, a path an instance: any bytes are refused, or lead back to where they came from.
#include "job/unit-name.hpp"
#include "job/diagnostic.hpp"
#include "tests/fuzz/must.hpp"

#include <algorithm>
#include <climits>
#include <cstdint>
#include <filesystem>
#include <stdexcept>

using namespace igotchuu;
using fuzz::must;

namespace
{

bool is_one_line(std::string_view text)
{
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// What `convert` makes of the text, or nothing where it refuses it, in words that may stand anywhere.
std::optional<std::string> made(std::string (*convert)(std::string_view), std::string_view text)
try {
    return convert(text);
} catch (const std::invalid_argument &error) {
    must(is_one_line(error.what()) && printable(error.what(), INT_MAX) == error.what(), "a refusal is one line");
    return std::nullopt;
}

void try_as_name(std::string_view text)
{
    const auto instance = made(instance_of, text);
    if (!instance)
        return;
    must(send_service_of(*instance).size() <= unit_name_max, "a unit's name is not too long for systemd");
    must(std::ranges::all_of(*instance, [](char c) { return std::isalnum(c) || std::string_view{":-_.\\@"}.contains(c); }),
         "an instance has only characters that systemd allows");
    must(*instance != "." && *instance != ".." && !instance->contains('/'), "an instance is the name of a file");
    must(instance_of(*instance) == *instance, "an instance is its own instance");
}

void try_as_instance(std::string_view text)
{
    const auto path = path_of_instance(text);
    if (!path)
        return;
    must(path->starts_with('/') && std::filesystem::path{*path}.lexically_normal() == *path,
         "an instance spells a normalised path");
    must(is_one_line(*path) && path->size() < PATH_MAX, "an instance spells a path that can be opened and shown");
    must(path_of_instance(instance_of_path(*path)) == *path, "a path that was spelled can be spelled again");
}

void try_as_path(std::string_view text)
{
    const auto instance = made(instance_of_path, text);
    if (!instance)
        return;
    must(std::ranges::all_of(*instance, [](char c) { return std::isalnum(c) || std::string_view{":-_.\\"}.contains(c); }),
         "the instance of a path has only characters that systemd allows");
    const auto path = path_of_instance(*instance);
    if (!path) {
        must(!is_one_line(text) || text.size() >= PATH_MAX, "the path of an instance of a path is refused for a reason");
        return;
    }
    auto normal = std::filesystem::path{text}.lexically_normal().native();
    normal.resize(std::max<std::size_t>(1, normal.find_last_not_of('/') + 1));
    normal.erase(0, normal.starts_with("//") ? 1 : 0); // POSIX leaves the meaning of two slashes open; Linux has none
    must(*path == normal, "a path comes back from its instance");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char *>(data), size};
    try_as_name(text);
    try_as_instance(text);
    try_as_path(text);
    return 0;
}
