// SPDX-License-Identifier: MIT
#include "job/normal-path.hpp"

#include <climits>
#include <filesystem>
#include <format>

namespace igotchuu
{

std::expected<std::string, std::string> normal_path(std::string_view path)
{
    if (!path.starts_with('/'))
        return std::unexpected{std::format("\"{}\" is not an absolute path", path)};
    const auto without_end = [](std::string_view text) {
        return text.size() > 1 && text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
    };
    std::string wanted{without_end(path)};
    const auto normal = std::filesystem::path{path}.lexically_normal().native();
    if (wanted != without_end(normal))
        return std::unexpected{std::format("\"{}\" is not normalised: write \"{}\"", path, without_end(normal))};
    if (wanted.size() >= PATH_MAX)
        return std::unexpected{std::format("a path may have at most {} bytes, this one has {}", PATH_MAX - 1, wanted.size())};
    return wanted;
}

} // namespace igotchuu
