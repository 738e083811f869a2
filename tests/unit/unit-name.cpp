// SPDX-License-Identifier: MIT
#include "job/unit-name.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace igotchuu;

namespace
{

/// What systemd-escape says; nothing where it refuses. execvp and no shell: the names are odd.
std::optional<std::string> systemd_escape(std::vector<std::string> arguments)
{
    std::array<int, 2> ends;
    REQUIRE(pipe(ends.data()) == 0);
    arguments.insert(arguments.begin(), "systemd-escape");
    std::vector<char *> argv;
    for (auto &argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    const auto child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(STDERR_FILENO);
        execvp(argv[0], argv.data());
        _exit(127);
    }
    close(ends[1]);
    std::string output;
    std::array<char, 512> buffer;
    for (ssize_t size; (size = read(ends[0], buffer.data(), buffer.size())) > 0;)
        output.append(buffer.data(), static_cast<std::size_t>(size));
    close(ends[0]);
    int status;
    REQUIRE(waitpid(child, &status, 0) == child);
    if (WEXITSTATUS(status) == 127)
        SKIP("there is no systemd-escape");
    if (status != 0)
        return {};
    return output.substr(0, output.size() - 1);
}

std::optional<std::string> instance_or_none(std::string_view path)
try {
    return instance_of_path(path);
} catch (const std::invalid_argument &) {
    return {};
}

} // namespace

TEST_CASE("a job's unit is the one that systemctl finds by the job's name")
{
    for (const std::string name :
         {"home", "TV Shows", "srv-my\\x2ddata", "büro", "9lives", "-", "100%", "nas.example-01", "a:b_c.d@e", "Fotos [2024]",
          "$RECYCLE.BIN", "it's", "\"q\"", "a*b?", "\xff\xfe", "~", "a,b;c&d|e", "x\\y"})
        CHECK(service_of(instance_of(name)) == systemd_escape({"--mangle", "--", "igotchuu@" + name + ".service"}));
}

TEST_CASE("a name that only has characters of an instance stands as it is")
{
    for (const std::string_view name : {"srv-my\\x2ddata", "-", "nas.example-01", "9lives", "a:b_c@d"})
        CHECK(instance_of(name) == name);
    CHECK(instance_of("TV Shows") == "TV\\x20Shows");
    CHECK(instance_of("büro") == "b\\xc3\\xbcro");
    CHECK(instance_of("100%") == "100\\x25");
}

TEST_CASE("a name that can have no unit is refused")
{
    for (const std::string name : {"", ".", "..", "a/b", "/", "a\nb", "a\x1b", "a\x7f", "a\tb"})
        CHECK_THROWS_AS(instance_of(name), std::invalid_argument);
    CHECK_THROWS_AS(instance_of(std::string_view{"a\0b", 3}), std::invalid_argument);
}

TEST_CASE("the longest unit name is one that systemd still loads with its drop-in")
{
    const auto frame = send_service_of("").size();
    CHECK(send_service_of(instance_of(std::string(unit_name_max - frame, 'a'))).size() == 230);
    CHECK_THROWS_AS(instance_of(std::string(unit_name_max - frame + 1, 'a')), std::invalid_argument);
    CHECK_THROWS_AS(instance_of(std::string((unit_name_max - frame) / 4 + 1, ' ')), std::invalid_argument); // four bytes each
}

TEST_CASE("a path and its instance are as systemd-escape has them")
{
    for (const std::string path :
         {"/", "/home", "/srv/my-data", "/srv/my/data", "/home/alice", "/.hidden", "/.hidden/.x", "/srv/TV Shows", "/a//b/./c/",
          "//", "/büro", "/100%", "/a/../b", "/a\\b", "/srv/Fotos [2024]", "/nas.example-01", "/a@b:c"})
        CHECK(instance_or_none(path) == systemd_escape({"--path", "--", path}));
    CHECK_FALSE(instance_or_none("/..")); // systemd-escape takes it for "/"
    CHECK_FALSE(instance_or_none("home"));
    CHECK_FALSE(instance_or_none(""));
}

TEST_CASE("an instance spells the path that systemd-escape reads in it")
{
    for (const std::string instance : {"-",
                                       "home",
                                       "srv-my\\x2ddata",
                                       "srv-my-data",
                                       "home-alice",
                                       "\\x2ehidden",
                                       "\\x2ehidden-.x",
                                       "TV\\x20Shows",
                                       "a--b",
                                       "-a",
                                       "a-",
                                       "a-.-b",
                                       "a-..-b",
                                       "a\\x2fb",
                                       "a\\x2d",
                                       "a\\y",
                                       "..",
                                       ".",
                                       "a-.",
                                       "",
                                       "a\\X41",
                                       "a\\x4A",
                                       "a\\x4",
                                       "\\",
                                       "a\\x2f\\x2fb",
                                       "b\\xc3\\xbcro",
                                       "--",
                                       "a\\x2f"})
        CHECK(path_of_instance(instance) == systemd_escape({"--unescape", "--path", "--", instance}));
    CHECK(path_of_instance("srv-my\\x2ddata") == "/srv/my-data");
    CHECK(path_of_instance("srv-my-data") == "/srv/my/data");
}

TEST_CASE("an instance with a control character in it spells no path")
{
    CHECK_FALSE(path_of_instance("a\\x0ab"));
    CHECK_FALSE(path_of_instance("a\\x00"));
    CHECK_FALSE(path_of_instance("a\nb"));
    CHECK_FALSE(path_of_instance(std::string(5000, 'a')));
}
