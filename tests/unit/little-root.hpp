// SPDX-License-Identifier: MIT
#pragma once

#include "job/search-path.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

/// A directory tree of a test's own, gone with this object.
class LittleRoot
{
public:
    LittleRoot()
    {
        std::string name = std::filesystem::temp_directory_path() / "igotchuu-XXXXXX";
        if (!mkdtemp(name.data()))
            throw std::filesystem::filesystem_error{"mkdtemp", name, {errno, std::generic_category()}};
        path_ = name;
    }
    ~LittleRoot() { std::filesystem::remove_all(path_); }
    LittleRoot(const LittleRoot &) = delete;
    LittleRoot &operator=(const LittleRoot &) = delete;

    [[nodiscard]] const std::filesystem::path &path() const { return path_; }
    [[nodiscard]] igotchuu::SearchPath search_path() const { return igotchuu::SearchPath::standard(path_); }

    /// `file` is absolute, as a person types it on a running system.
    std::filesystem::path write(std::string_view file, std::string_view text) const
    {
        const auto place = made(file);
        std::ofstream stream{place, std::ios::binary};
        stream << text;
        return place;
    }
    std::filesystem::path link(std::string_view file, std::string_view target) const
    {
        const auto place = made(file);
        std::filesystem::create_symlink(target, place);
        return place;
    }
    /// The place of `file` outside of the root, with its directory made.
    [[nodiscard]] std::filesystem::path made(std::string_view file) const
    {
        const auto place = path_ / file.substr(1);
        std::filesystem::create_directories(place.parent_path());
        return place;
    }

private:
    std::filesystem::path path_;
};
