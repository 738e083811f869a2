// SPDX-License-Identifier: MIT
#include "job/search-path.hpp"
#include "tests/unit/little-root.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <system_error>

using namespace igotchuu;

namespace
{

std::vector<std::string> names(const std::vector<FoundFile> &files)
{
    std::vector<std::string> names;
    std::ranges::transform(files, std::back_inserter(names), &FoundFile::name);
    return names;
}

using Strings = std::vector<std::string>;

} // namespace

TEST_CASE("the standard directories, most important first")
{
    const auto path = SearchPath::standard("/image");
    CHECK(path.root == "/image");
    REQUIRE(path.directories.size() == 4);
    CHECK(path.directories[0] == "/etc/igotchuu");
    CHECK(path.directories[1] == "/run/igotchuu");
    CHECK(path.directories[2] == "/usr/local/lib/igotchuu");
    CHECK(path.directories[3].native().ends_with("/lib/igotchuu"));
}

TEST_CASE("left-overs of editors and package managers are no jobs")
{
    const LittleRoot root;
    for (const auto *name : {"home.toml", "home.toml~", ".home.toml.swp", "#home.toml#", "home.toml.dpkg-new", "home.toml.rpmsave",
                             "README", "sub/x.toml", ".toml", ".hidden.toml", "home.toml.bak", "home.TOML"})
        root.write(std::string{"/etc/igotchuu/jobs/"} + name, "");
    CHECK(names(find_files(root.search_path(), "jobs")) == Strings{"home"});
}

TEST_CASE("the most important directory that has a name wins")
{
    const LittleRoot root;
    root.write("/run/igotchuu/jobs/home.toml", "");
    root.write("/usr/local/lib/igotchuu/jobs/home.toml", "");
    root.write("/usr/local/lib/igotchuu/jobs/mail.toml", "");
    root.write("/etc/igotchuu/jobs/zz.toml", "");
    const auto files = find_files(root.search_path(), "jobs");
    REQUIRE(names(files) == Strings{"home", "mail", "zz"});
    CHECK(files[0].path == "/run/igotchuu/jobs/home.toml");
    CHECK(files[1].path == "/usr/local/lib/igotchuu/jobs/mail.toml");
}

TEST_CASE("a link to /dev/null masks, however it gets there")
{
    const LittleRoot root;
    for (const auto *name : {"absolute", "relative", "chain", "kept"})
        root.write(std::string{"/usr/local/lib/igotchuu/jobs/"} + name + ".toml", "");
    root.link("/etc/igotchuu/jobs/absolute.toml", "/dev/null");
    root.link("/etc/igotchuu/jobs/relative.toml", "../../../dev/null");
    root.link("/etc/igotchuu/jobs/chain.toml", "/etc/static/chain.toml");
    root.link("/etc/static/chain.toml", "../../nix/chain.toml");
    root.link("/nix/chain.toml", "/dev/null");
    root.link("/etc/igotchuu/jobs/dangling.toml", "/nowhere");
    root.link("/etc/igotchuu/jobs/loop.toml", "loop.toml");
    CHECK(names(find_files(root.search_path(), "jobs")) == Strings{"dangling", "kept", "loop"});
    CHECK(names(find_masked_files(root.search_path(), "jobs")) == Strings{"absolute", "chain", "relative"});
}

TEST_CASE("drop-ins of all directories apply by name; the more important one of a name wins, and a mask takes it away")
{
    const LittleRoot root;
    root.write("/run/igotchuu/jobs/home.toml", "");
    root.write("/etc/igotchuu/jobs/home.toml.d/50-b.toml", "");
    root.write("/etc/igotchuu/jobs/home.toml.d/50-b.toml~", "");
    root.write("/run/igotchuu/jobs/home.toml.d/50-b.toml", "");
    root.write("/run/igotchuu/jobs/home.toml.d/60-c.toml", "");
    root.write("/usr/local/lib/igotchuu/jobs/home.toml.d/10-a.toml", "");
    root.write("/usr/local/lib/igotchuu/jobs/home.toml.d/70-d.toml", "");
    root.link("/etc/igotchuu/jobs/home.toml.d/70-d.toml", "/dev/null");
    root.write("/etc/igotchuu/jobs/orphan.toml.d/x.toml", "");
    const auto files = find_files(root.search_path(), "jobs");
    REQUIRE(names(files) == Strings{"home"});
    CHECK(files[0].drop_ins == Strings{"/usr/local/lib/igotchuu/jobs/home.toml.d/10-a.toml",
                                       "/etc/igotchuu/jobs/home.toml.d/50-b.toml", "/run/igotchuu/jobs/home.toml.d/60-c.toml"});
}

TEST_CASE("absolute links end below the root")
{
    const LittleRoot root;
    root.write("/srv/conf/jobs/home.toml", "");
    root.link("/etc/igotchuu", "/srv/conf");
    CHECK(names(find_files(root.search_path(), "jobs")) == Strings{"home"});
}

TEST_CASE("a drop-in directory that cannot be read is a fault of its file")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/jobs/home.toml", "");
    root.write("/etc/igotchuu/jobs/home.toml.d", "");
    root.write("/etc/igotchuu/jobs/mail.toml", "");
    root.link("/etc/igotchuu/jobs/mail.toml.d", "/nowhere");
    const auto files = find_files(root.search_path(), "jobs");
    REQUIRE(names(files) == Strings{"home", "mail"});
    for (const auto &file : files) {
        REQUIRE(file.faults.size() == 1);
        CHECK(file.faults[0].file == file.path + ".d");
    }
}

TEST_CASE("no directory is no job, and one that cannot be read is an error")
{
    const LittleRoot root;
    CHECK(find_files(root.search_path(), "jobs").empty());
    root.write("/etc/igotchuu/jobs", "a file");
    CHECK_THROWS_AS(find_files(root.search_path(), "jobs"), std::system_error);
}

TEST_CASE("names are bytes")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/jobs/TV Shows.toml", "");
    root.write("/etc/igotchuu/jobs/\xff\n.toml", "");
    CHECK(names(find_files(root.search_path(), "jobs")) == Strings{"TV Shows", "\xff\n"});
}
