// SPDX-License-Identifier: MIT
#include "exec/retrieve/left-out.hpp"
#include "exec/restic/exclusion.hpp"
#include "job/fd.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace igotchuu;
using namespace igotchuu::retrieve;
using restic::excludes;
using restic::fits_itself;

namespace
{

/// A directory with files in it, for as long as this lives.
class Tree
{
public:
    Tree()
    {
        std::string name = std::filesystem::temp_directory_path() / "left-out.XXXXXX";
        path = mkdtemp(name.data());
    }
    ~Tree() { std::filesystem::remove_all(path); }
    Tree(const Tree &) = delete;
    Tree &operator=(const Tree &) = delete;

    void file(const std::string &name, const std::string &text = std::string(5000, 'x'))
    {
        const auto whole = path + '/' + name;
        std::filesystem::create_directories(std::filesystem::path{whole}.parent_path());
        std::ofstream{whole} << text;
    }
    std::string path;
};

constexpr auto later = std::chrono::hours{1};

/// With a snapshot of an hour after the files, which has these.
Audit audited(const Tree &tree, const Job &job, const std::vector<std::string> &stored, std::chrono::hours after = later,
              const std::vector<std::string> &written = {}, const std::vector<std::string> &swap = {})
{
    StoredPaths paths;
    for (const auto &name : stored)
        paths.add(tree.path + '/' + name);
    const StopRequest stop;
    return audit(job, written, swap, paths, std::chrono::system_clock::now() + after, stop);
}

Job job_of(const Tree &tree)
{
    Job job;
    job.sources = {tree.path};
    return job;
}

std::vector<std::string> names_of(const Tree &tree, const std::vector<LeftOut> &all)
{
    std::vector<std::string> names;
    for (const auto &one : all)
        names.push_back(one.path.substr(tree.path.size() + 1));
    std::ranges::sort(names);
    return names;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("a pattern leaves out what restic leaves out by it")
{
    CHECK(excludes("/home/*/.cache", "/home/alice/.cache"));
    CHECK(excludes("/home/*/.cache", "/home/alice/.cache/a/b"));
    CHECK_FALSE(excludes("/home/*/.cache", "/home/alice/x/.cache"));
    CHECK(excludes("*.o", "/home/alice/a.o"));
    CHECK(excludes("*.o", "/home/dir.o/file"));
    CHECK(excludes("cache/tmp", "/home/cache/tmp/x"));
    CHECK_FALSE(excludes("cache/tmp", "/home/cache/x/tmp"));
    CHECK(excludes("/home/**/tmp", "/home/a/b/c/tmp"));
    CHECK(excludes("/home/**/tmp", "/home/tmp"));
    CHECK(excludes("[ab]?", "/x/bz"));
    CHECK(excludes("\\[a\\]", "/x/[a]"));
    CHECK_FALSE(excludes("\\[a\\]", "/x/a"));
    CHECK_FALSE(excludes("!*.o", "/a.o"));
    CHECK_FALSE(excludes("", "/a"));
}

TEST_CASE("what lies below a directory that fits a pattern fits by itself only with its own name")
{
    CHECK(fits_itself("*.odt", "/home/alice/Documents/a.odt"));
    CHECK_FALSE(fits_itself("/home/alice/Documents", "/home/alice/Documents/a.odt"));
    CHECK_FALSE(fits_itself("note*", "/home/notes/a"));
    CHECK(fits_itself("note*", "/home/notes/note"));
    CHECK(fits_itself("alice/*", "/home/alice/a"));
    CHECK_FALSE(fits_itself("alice/*", "/home/alice/a/b"));
    CHECK(fits_itself("/home/**/*.odt", "/home/a.odt"));
    CHECK(fits_itself("/home/**/*.odt", "/home/a/b/c.odt"));
    CHECK(fits_itself("/home/**", "/home/a/b"));
    CHECK_FALSE(fits_itself("/", "/home"));
}

TEST_CASE("what is not in the backup and has no reason is named, a directory as one; what is newer is not")
{
    Tree tree;
    tree.file("stored");
    tree.file("lost/a");
    tree.file("lost/b");
    tree.file("dir/lost");
    tree.file("dir/caf\xe9");
    const auto found = audited(tree, job_of(tree), {"stored", "dir", "dir/caf\xef\xbf\xbd"});
    CHECK(names_of(tree, found.unknown) == Names{"dir/lost", "lost"});
    CHECK(found.known.empty());
    CHECK(found.in_backup == 2);
    CHECK(found.newer_bytes == 0);
    const auto lost = std::ranges::find(found.unknown, tree.path + "/lost", &LeftOut::path);
    CHECK(lost->bytes >= 10'000);
    const auto earlier = audited(tree, job_of(tree), {"stored", "dir"}, -later);
    CHECK(earlier.unknown.empty());
    CHECK(earlier.newer_bytes >= 15'000);
}

TEST_CASE("a FIFO that is called as the tag of a cache holds nothing up, and makes no cache of its directory")
{
    Tree tree;
    tree.file("d/x");
    REQUIRE(mkfifo((tree.path + "/d/CACHEDIR.TAG").c_str(), 0600) == 0);
    auto job = job_of(tree);
    job.exclude_caches = true;
    alarm(20); // whoever waits for a writer waits for ever
    const auto found = audited(tree, job, {"d", "d/CACHEDIR.TAG"});
    alarm(0);
    CHECK(names_of(tree, found.unknown) == Names{"d/x"});
    CHECK(found.known.empty());
}

TEST_CASE("what lies below two sources, of which one lies below the other, counts once")
{
    Tree tree;
    tree.file("stored");
    tree.file("lost");
    tree.file("dir/stored");
    tree.file("dir/lost");
    auto job = job_of(tree);
    job.sources.push_back(tree.path + "/dir");
    for (const auto &sources : {job.sources, std::vector{job.sources[1], job.sources[0]}}) {
        job.sources = sources;
        const auto found = audited(tree, job, {"stored", "dir", "dir/stored"});
        CHECK(found.in_backup == 2);
        CHECK(names_of(tree, found.unknown) == Names{"dir/lost", "lost"});
    }
}

TEST_CASE("a socket, which is in no backup, is left out for that reason")
{
    Tree tree;
    tree.file("x");
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    (tree.path + "/S.agent").copy(address.sun_path, sizeof address.sun_path - 1);
    const Fd agent{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    REQUIRE(bind(agent.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0);
    const auto found = audited(tree, job_of(tree), {"x"});
    CHECK(found.unknown.empty());
    REQUIRE(found.known.size() == 1);
    CHECK(found.known.begin()->first.starts_with("a socket"));
    CHECK(names_of(tree, found.known.begin()->second) == Names{"S.agent"});
}

TEST_CASE("a swap file in use is left out for that reason, and one that is none for none")
{
    Tree tree;
    tree.file("swap file");
    tree.file("swap");
    const auto found = audited(tree, job_of(tree), {}, later, {}, {tree.path + "/swap file"});
    CHECK(names_of(tree, found.unknown) == Names{"swap"});
    REQUIRE(found.known.size() == 1);
    CHECK(names_of(tree, found.known.at("a swap file in use")) == Names{"swap file"});
}

TEST_CASE("what cannot be read is left out for that reason, with the system's words; what is newer is not tried")
{
    if (geteuid() != 0)
        SKIP("only root can become somebody else");
    Tree tree;
    tree.file("file");
    tree.file("locked/file");
    tree.file("open");
    std::filesystem::permissions(tree.path, std::filesystem::perms{0755}); // nothing keeps root from a file
    std::filesystem::permissions(tree.path + "/file", std::filesystem::perms{0600});
    std::filesystem::permissions(tree.path + "/locked", std::filesystem::perms{0700});
    std::filesystem::permissions(tree.path + "/open", std::filesystem::perms{0644});
    const auto job = job_of(tree);
    REQUIRE(seteuid(1000) == 0);
    const auto found = audited(tree, job, {});
    const auto earlier = audited(tree, job, {}, -later);
    REQUIRE(seteuid(0) == 0);
    CHECK(names_of(tree, found.unknown) == Names{"open"});
    REQUIRE(found.known.size() == 1);
    CHECK(names_of(tree, found.known.at("it cannot be read: Permission denied")) == Names{"file", "locked"});
    CHECK(earlier.unknown.empty());
    REQUIRE(earlier.known.size() == 1);
    CHECK(names_of(tree, earlier.known.begin()->second) == Names{"locked"}); // which has to be looked into all the same
}

TEST_CASE("what the job leaves out is told by its key, whatever its age")
{
    Tree tree;
    tree.file("a.o");
    tree.file("d/b.o");
    tree.file("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n");
    tree.file("cache/much");
    tree.file("repository/data");
    auto job = job_of(tree);
    job.exclude = {"*.o"};
    job.exclude_caches = true;
    const auto found = audited(tree, job, {"d", "cache", "cache/CACHEDIR.TAG"}, -later, {tree.path + "/repository"});
    CHECK(found.unknown.empty());
    REQUIRE(found.known.size() == 3);
    CHECK(names_of(tree, found.known.at("exclude: \"*.o\"")) == Names{"a.o", "d/b.o"});
    CHECK(names_of(tree, found.known.at("exclude-caches: its directory has a CACHEDIR.TAG")) == Names{"cache/much"});
    CHECK(names_of(tree, std::prev(found.known.end(), 3)->second) == Names{"repository"});
    job.exclude.clear();
    job.restic_args = {"--exclude-larger-than=1k"};
    CHECK(audited(tree, job, {}).known.contains("perhaps restic-args, which has its own --exclude"));
}
