// SPDX-License-Identifier: MIT
#include "exec/same-file.hpp"
#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <sys/stat.h>

using namespace igotchuu;

namespace
{

/// A file and what was restored of it, alike but for what a test changes.
struct Pair {
    Pair()
    {
        for (const auto &path : {original, restored}) {
            const timespec times[] = {{.tv_sec = 1, .tv_nsec = 0}, {.tv_sec = 1'000'000'000, .tv_nsec = 123'456'789}};
            REQUIRE(chmod(path.c_str(), 0640) == 0);
            REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
        }
    }
    void rewrite(std::string_view other) const
    {
        struct stat before{};
        REQUIRE(stat(restored.c_str(), &before) == 0);
        static_cast<void>(root.write("/restored", other));
        put_time(before.st_mtim);
    }
    void put_time(timespec time) const
    {
        const timespec times[] = {time, time};
        REQUIRE(utimensat(AT_FDCWD, restored.c_str(), times, 0) == 0);
    }
    void change_mode(mode_t mode) const { REQUIRE(chmod(restored.c_str(), mode) == 0); }
    [[nodiscard]] std::string difference() const
    {
        return igotchuu::difference(Fd{open(original.c_str(), O_RDONLY | O_CLOEXEC)},
                                    Fd{open(restored.c_str(), O_RDONLY | O_CLOEXEC)}, "/file");
    }

    std::string text = std::string(300'000, 'x'); // some blocks
    LittleRoot root;
    std::string original = root.write("/original", text), restored = root.write("/restored", text);
};

} // namespace

TEST_CASE("what was restored is the file, or it is said in what it is not")
{
    const Pair pair;
    CHECK(pair.difference().empty());

    pair.rewrite(pair.text + "x");
    CHECK(pair.difference() == "size");
    for (const std::size_t place : {std::size_t{0}, pair.text.size() / 2, pair.text.size() - 1}) {
        auto text = pair.text;
        text[place] = 'y';
        pair.rewrite(text);
        CHECK(pair.difference() == "contents");
    }
    pair.rewrite(pair.text);
    CHECK(pair.difference().empty());

    pair.change_mode(0600);
    CHECK(pair.difference() == "mode");
    pair.change_mode(0640);
    for (const timespec &other : {timespec{1'000'000'001, 123'456'789}, timespec{1'000'000'000, 123'456'790}}) {
        pair.put_time(other);
        CHECK(pair.difference() == "time of modification");
    }
}

TEST_CASE("the mode of what is setuid or setgid is not looked at: the sandbox keeps restic from setting it")
{
    for (const mode_t special : {S_ISUID, S_ISGID}) {
        const Pair pair;
        REQUIRE(chmod(pair.original.c_str(), 0755 | special) == 0);
        CHECK(pair.difference().empty());
    }
}
