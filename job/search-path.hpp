// SPDX-License-Identifier: MIT
#pragma once

#include "job/diagnostic.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// Where job and repository files are looked for: /etc/igotchuu, /run/igotchuu, /usr/local/lib/igotchuu, PREFIX/lib/igotchuu; the first that
/// has a name wins. With a root, all of it below that directory (absolute links are then followed below it, too).
struct SearchPath {
    std::filesystem::path root; ///< empty: the running system
    std::vector<std::filesystem::path> directories; ///< most important first, without the root

    [[nodiscard]] static SearchPath standard(std::filesystem::path root = {});
};

/// A configuration file as the rules of systemd.unit(5) find it: `path` (absolute, without the root, as a person types it) and the drop-ins
/// NAME.toml.d/*.toml of all directories, in the order in which they apply. Of what is there without a file (defaults, notify, the repository "default") the
/// first drop-in is the `path` where there is no other.
struct FoundFile {
    std::string name; ///< the stem, bytes as they are
    std::string path;
    std::vector<std::string> drop_ins;
    std::vector<Diagnostic> faults; ///< a drop-in directory that cannot be read
};

/// All files of a kind ("jobs" or "repositories"; "": defaults.toml and its neighbours), sorted by name, without masked ones (links to
/// /dev/null) and without left-overs of editors and package managers (*~, .*, #*#, *.rpmsave, *.dpkg-new: whatever does not end in ".toml").
/// Nothing is opened. A directory that cannot be read throws std::system_error; one that is not there is none.
[[nodiscard]] std::vector<FoundFile> find_files(const SearchPath &path, std::string_view kind);

/// The links to /dev/null that find_files() leaves out: whoever finds no file can say why.
[[nodiscard]] std::vector<FoundFile> find_masked_files(const SearchPath &path, std::string_view kind);

} // namespace igotchuu
