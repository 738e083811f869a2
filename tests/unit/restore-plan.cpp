// SPDX-License-Identifier: MIT
#include "exec/retrieve/placement.hpp"
#include "exec/retrieve/plan.hpp"
#include "job/error.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <fstream>
#include <stdlib.h>
#include <unistd.h>

using namespace igotchuu;
using namespace igotchuu::retrieve;
namespace fs = std::filesystem;

namespace
{

/// Root's, as a directory has to be that root restores into; /var/tmp is anybody's, and nobody can take away there what is root's.
class Directory
{
public:
    Directory()
    {
        std::string name = "/var/tmp/restore-plan.XXXXXX";
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
        fs::permissions(path, fs::perms{0755});
    }
    ~Directory() { fs::remove_all(path); }
    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;

    void file(const std::string &name, const std::string &contents, time_t changed) const
    {
        fs::create_directories((path / name).parent_path());
        std::ofstream{path / name} << contents;
        const std::array times{timespec{changed, 0}, timespec{changed, 0}};
        REQUIRE(utimensat(AT_FDCWD, (path / name).c_str(), times.data(), 0) == 0);
        fs::permissions(path / name, fs::perms{0644});
    }
    [[nodiscard]] std::string text(const std::string &name) const
    {
        std::ifstream file{path / name};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    [[nodiscard]] Fd open() const { return Fd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}; }

    fs::path path;
};

constexpr time_t of_snapshot = 1'600'000'000; // 2020-09-13T12:26:40Z

void add(Wanted &root, const std::string &path, const std::string &contents)
{
    add_listed(root, std::format(R"({{"struct_type":"node","type":"file","path":"{}","uid":{},"gid":{},"size":{},"mode":420,)"
                                 R"("mtime":"2020-09-13T14:26:40+02:00"}})",
                                 path, geteuid(), getegid(), contents.size()));
}

void add_directory(Wanted &root, const std::string &path)
{
    add_listed(root, std::format(R"({{"struct_type":"node","type":"dir","path":"{}","uid":{},"gid":{},"mode":2147484141,)"
                                 R"("mtime":"2020-09-13T12:26:40Z"}})",
                                 path, geteuid(), getegid()));
}

bool is_root()
{
    return geteuid() == 0; // others own nothing that a way may lead through
}

} // namespace

TEST_CASE("a time of restic's is that instant, whatever its zone")
{
    CHECK(listed_time("2020-09-13T14:26:40+02:00")->tv_sec == of_snapshot);
    CHECK(listed_time("2020-09-13T12:26:40Z")->tv_sec == of_snapshot);
    CHECK(listed_time("2020-09-13T12:26:40.000000123Z")->tv_nsec == 123);
    CHECK(listed_time("1969-12-31T23:59:59.5-00:30")->tv_sec == 1799);
    CHECK_FALSE(listed_time("2020-09-13"));
    CHECK_FALSE(listed_time("tomorrow"));
}

TEST_CASE("a file system that keeps no fractions of a second has lost nothing")
{
    const timespec stored{of_snapshot + 1, 5};
    CHECK(is_time(stored, stored));
    CHECK(is_time({of_snapshot + 1, 0}, stored));
    CHECK(is_time({of_snapshot, 0}, stored));
    CHECK_FALSE(is_time({of_snapshot + 1, 4}, stored));
    CHECK_FALSE(is_time({of_snapshot + 2, 0}, stored));
}

TEST_CASE("a file with missing directories is restored with those, and nothing beside it")
{
    if (!is_root())
        SKIP("only root");
    const Directory here;
    Wanted root;
    add(root, here.path.native() + "/a/b/[c]", "x");
    const Way way{{}};
    Plan plan{way, Overwrite::older};
    plan.in_place(root);
    REQUIRE(plan.parts().size() == 1);
    CHECK(plan.parts().front().into == here.path);
    CHECK(plan.files_made == 1);
    CHECK(plan.directories_made == 2);
    CHECK(plan.bytes() == 1);
    CHECK(patterns_of(plan.parts().front()) == "/*\n!/a\n/a/*\n!/a/b\n/a/b/*\n!/a/b/\\[c]\n");
}

TEST_CASE("what is newer here stays unless that is asked for, and what is the same is not fetched")
{
    if (!is_root())
        SKIP("only root");
    const Directory here;
    here.file("d/same", "same", of_snapshot);
    here.file("d/older", "older", of_snapshot - 1);
    here.file("d/newer", "newer", of_snapshot + 1);
    here.file("d/was-file/x", "", 0);
    const auto count = [&](Overwrite overwrite) {
        Wanted root;
        const auto top = here.path.native() + "/d";
        add_directory(root, top);
        for (const auto *name : {"gone", "newer", "older", "same", "was-file"})
            add(root, top + '/' + name, "same");
        take_for_way(root, top);
        const Way way{{}};
        Plan plan{way, overwrite};
        plan.in_place(root);
        CHECK(plan.files_made == 1);
        CHECK(plan.same == 1);
        CHECK(plan.newer.count == 1);
        CHECK(plan.in_the_way.count == 1);
        if (overwrite == Overwrite::older)
            CHECK(patterns_of(plan.parts().front()) == "/*\n!/d\n/d/*\n!/d/gone\n!/d/older\n");
        return std::pair{plan.replaced.count, plan.left.count};
    };
    CHECK(count(Overwrite::never) == std::pair<std::uint64_t, std::uint64_t>{0, 2});
    CHECK(count(Overwrite::older) == std::pair<std::uint64_t, std::uint64_t>{1, 1});
    CHECK(count(Overwrite::always) == std::pair<std::uint64_t, std::uint64_t>{2, 0});
}

TEST_CASE("two paths of one name do not land on each other")
{
    if (!is_root())
        SKIP("only root");
    const Directory here;
    Wanted root;
    add(root, "/one/x", "");
    add(root, "/two/x", "");
    const Way way{{}};
    Plan plan{way, Overwrite::older};
    CHECK_THROWS_AS(plan.beside(root, {"/one/x", "/two/x"}, here.path), Failure);
}

TEST_CASE("what has changed since the plan, and what has not come whole, is left alone")
{
    if (!is_root())
        SKIP("only root");
    const Directory here, staged;
    here.file("changed", "old", of_snapshot - 1);
    here.file("replaced", "old", of_snapshot - 1);
    Wanted root;
    here.file("unread", "old", of_snapshot - 1);
    for (const auto *name : {"changed", "cut", "new", "occupied", "replaced", "unread"})
        add(root, here.path.native() + '/' + name, "same");
    const Way way{{}};
    Plan plan{way, Overwrite::older};
    plan.in_place(root);
    for (const auto *name : {"changed", "new", "occupied", "replaced", "unread"})
        staged.file(name, "same", of_snapshot);
    staged.file("cut", "sa", of_snapshot);
    here.file("changed", "changed", of_snapshot + 5);
    here.file("occupied", "mine", of_snapshot);

    Placement placement{way};
    placement.check(plan.parts().front(), staged.open(), {"/unread"});
    placement.place(plan.parts().front(), staged.open());
    CHECK(placement.files == 2);
    CHECK(placement.missing.first == std::vector{here.path.native() + "/cut", here.path.native() + "/unread"});
    CHECK(placement.changed_meanwhile.count == 2);
    CHECK(here.text("changed") == "changed");
    CHECK(here.text("occupied") == "mine");
    CHECK(here.text("new") == "same");
    CHECK(here.text("replaced") == "same");
    CHECK(here.text("unread") == "old");
    CHECK_FALSE(fs::exists(here.path / "cut"));
}

TEST_CASE("as root nothing leads through a link, nor through what somebody else can change")
{
    if (!is_root())
        SKIP("only root");
    const Directory here;
    fs::create_directory(here.path / "hers");
    REQUIRE(chown((here.path / "hers").c_str(), 65534, 65534) == 0);
    fs::create_symlink("/etc", here.path / "link");
    const Way way{{}};
    CHECK(way.open(here.path.native()));
    CHECK_FALSE(way.open(here.path.native() + "/none"));
    CHECK_THROWS_AS(way.open(here.path.native() + "/link"), Failure);
    CHECK_THROWS_AS(way.open(here.path.native() + "/hers"), Failure);
    fs::permissions(here.path, fs::perms{0700}); // nobody else gets there any more
    CHECK(way.open(here.path.native() + "/hers"));
    CHECK_THROWS_AS(way.check_written(way.open("/var/tmp"), "/var/tmp"), Failure);
}
