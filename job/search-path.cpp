// SPDX-License-Identifier: MIT
#include "job/search-path.hpp"

#include "job/error.hpp"
#include "job/open-in-root.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <memory>
#include <optional>
#include <system_error>

namespace igotchuu
{

namespace
{

constexpr std::string_view suffix = ".toml", drop_in_suffix = ".toml.d";

struct Entry {
    std::string name;
    bool link;
};

/// What lies in a directory, hidden files left out; nothing when there is no such directory. Throws std::system_error.
std::optional<std::vector<Entry>> list(const std::filesystem::path &root, const std::filesystem::path &directory)
{
    struct Close {
        void operator()(DIR *stream) const { closedir(stream); }
    };
    const auto fd = open_in_root(root, directory, O_RDONLY | O_DIRECTORY);
    if (!fd && errno == ENOENT)
        return {};
    const auto own = fd ? fcntl(fd.get(), F_DUPFD_CLOEXEC, 0) : -1; // the stream closes it
    const std::unique_ptr<DIR, Close> stream{own >= 0 ? fdopendir(own) : nullptr};
    if (!stream)
        fail(errno, "cannot read the directory {}", directory.native());
    std::vector<Entry> entries;
    for (errno = 0; const auto *entry = readdir(stream.get()); errno = 0)
        if (entry->d_name[0] != '.')
            entries.push_back({entry->d_name, entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN});
    if (errno)
        fail(errno, "cannot read the directory {}", directory.native());
    return entries;
}

std::optional<std::string> link_target(const std::filesystem::path &root, const std::filesystem::path &path)
{
    std::array<char, PATH_MAX> target;
    const auto fd = open_in_root(root, path, O_PATH | O_NOFOLLOW);
    const auto size = fd ? readlinkat(fd.get(), "", target.data(), target.size()) : -1;
    if (size < 0)
        return {};
    return std::string{target.data(), static_cast<std::size_t>(size)};
}

/// Does a link lead to /dev/null, over other links or not (NixOS has two on the way)? That file need not be there: a root may have no /dev.
bool is_mask(const std::filesystem::path &root, std::filesystem::path link)
{
    for (int followed = 0; followed < 40; ++followed) { // path_resolution(7)
        const auto target = link_target(root, link);
        if (!target)
            return false;
        link = link.parent_path() / *target;
        if (link.lexically_normal() == "/dev/null")
            return true;
    }
    return false;
}

/// By name: the file of the most important directory that has it.
class Names
{
public:
    explicit Names(const std::filesystem::path &root) : root_{root} {}

    void add(const std::filesystem::path &directory, const Entry &entry)
    {
        if (!entry.name.ends_with(suffix) || entry.name.size() == suffix.size())
            return;
        const auto [place, is_new] = files_.try_emplace(entry.name.substr(0, entry.name.size() - suffix.size()));
        if (!is_new)
            return;
        const auto path = directory / entry.name;
        place->second = {path.native(), entry.link && is_mask(root_, path)};
    }

    struct File {
        std::string path;
        bool masked;
    };
    [[nodiscard]] const std::map<std::string, File> &files() const { return files_; }

private:
    const std::filesystem::path &root_;
    std::map<std::string, File> files_;
};

void add_drop_ins(const std::filesystem::path &root, const std::vector<std::filesystem::path> &directories, FoundFile &file)
{
    Names names{root};
    for (const auto &directory : directories) {
        try {
            const auto entries = list(root, directory);
            if (!entries)
                fail(ENOENT, "cannot read the directory {}", directory.native()); // it was listed: a link that leads nowhere
            for (const auto &entry : *entries)
                names.add(directory, entry);
        } catch (const std::system_error &error) {
            file.faults.push_back({directory.native(), 0, 0, error.what()});
        }
    }
    for (const auto &[name, drop_in] : names.files())
        if (!drop_in.masked)
            file.drop_ins.push_back(drop_in.path);
}

struct Found {
    std::vector<FoundFile> files, masked;
};

/// Whether it is there without a file: so drop-ins have something to lie over.
bool is_built_in(std::string_view kind, std::string_view name)
{
    return kind.empty() || (kind == "repositories" && name == "default");
}

/// Of drop-ins without a file: the first of them is the file.
void add_alone(const std::filesystem::path &root, const std::string &name, const std::vector<std::filesystem::path> &directories,
               std::vector<FoundFile> &files)
{
    FoundFile alone{name, {}, {}, {}};
    add_drop_ins(root, directories, alone);
    if (alone.drop_ins.empty())
        return;
    alone.path = std::move(alone.drop_ins.front());
    alone.drop_ins.erase(alone.drop_ins.begin());
    files.push_back(std::move(alone));
}

Found find(const SearchPath &path, std::string_view kind)
{
    Names names{path.root};
    std::map<std::string, std::vector<std::filesystem::path>, std::less<>> drop_ins;
    for (const auto &parent : path.directories) {
        const auto directory = kind.empty() ? parent : parent / kind;
        const auto entries = list(path.root, directory);
        if (!entries)
            continue;
        for (const auto &entry : *entries) {
            names.add(directory, entry);
            if (entry.name.ends_with(drop_in_suffix))
                drop_ins[entry.name.substr(0, entry.name.size() - drop_in_suffix.size())].push_back(directory / entry.name);
        }
    }
    Found found;
    for (const auto &[name, file] : names.files()) {
        FoundFile result{name, file.path, {}, {}};
        if (const auto place = drop_ins.find(name); !file.masked && place != drop_ins.end())
            add_drop_ins(path.root, place->second, result);
        (file.masked ? found.masked : found.files).push_back(std::move(result));
    }
    for (const auto &[name, places] : drop_ins)
        if (is_built_in(kind, name) && !names.files().contains(name))
            add_alone(path.root, name, places, found.files);
    std::ranges::sort(found.files, {}, &FoundFile::name);
    return found;
}

} // namespace

SearchPath SearchPath::standard(std::filesystem::path root)
{
    return {std::move(root), {"/etc/igotchuu", "/run/igotchuu", "/usr/local/lib/igotchuu", LIBRARY_DIRECTORY}};
}

std::vector<FoundFile> find_files(const SearchPath &path, std::string_view kind)
{
    return find(path, kind).files;
}

std::vector<FoundFile> find_masked_files(const SearchPath &path, std::string_view kind)
{
    return find(path, kind).masked;
}

} // namespace igotchuu
