// SPDX-License-Identifier: MIT
#include "exec/restic/access.hpp"
#include "job/error.hpp"
#include "tests/unit/little-root.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace igotchuu;
using namespace igotchuu::restic;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace
{

constexpr auto canary = "canary";

/// A repository with secrets in files and credentials of its own.
class Little
{
public:
    Little()
    {
        root_.write("/password", " canary-password\n");
        root_.write("/key", "canary-key");
        root_.write("/credentials/where", "rest:https://alice:canary@nas/\n");
        root_.write("/credentials/aws", "canary-aws\n");
        root_.write("/credentials/remote", "rclone::webdav,url=https://nas,pass=canary:r\n");
        root_.write("/credentials/empty", "\n\n");
        installation.credentials_directory = root_.path() / "credentials";
        installation.cache_directory = "/c";
        repository.name = "nas";
        repository.file = "/etc/igotchuu/repositories/nas.toml";
        repository.location = "sftp:nas:/r";
        repository.password.file = file("password");
    }
    [[nodiscard]] std::string file(const std::string &name) const { return root_.path() / name; }
    [[nodiscard]] Access access() const { return {repository, "home", installation, stop_}; }
    [[nodiscard]] std::string fault() const
    try {
        static_cast<void>(access());
        return {};
    } catch (const std::exception &error) {
        return error.what();
    }

    Repository repository;
    Installation installation;

private:
    LittleRoot root_;
    StopRequest stop_;
};

std::string read_all(int fd)
{
    std::string text(4096, '\0');
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, pread(fd, text.data(), text.size(), 0))));
    return text;
}

/// Where its ssh writes to.
std::string log_of(const Access &access)
{
    const auto arguments = access.arguments().front();
    const auto begin = arguments.find(" -E \"\"") + 6;
    return arguments.substr(begin, arguments.find('"', begin) - begin);
}

bool contains(const std::vector<std::string> &all, std::string_view what)
{
    return std::ranges::find(all, what) != all.end();
}

} // namespace

TEST_CASE("neither location nor password nor any other secret is in an argument, and of the environment only in what restic takes "
          "no other way")
{
    Little little;
    little.repository.location.clear();
    little.repository.location_from.credential = "where";
    little.repository.ssh_identity.file = little.file("key");
    little.repository.environment = {{"AWS_SECRET_ACCESS_KEY", VariableForm::credential, "aws"},
                                     {"GOOGLE_APPLICATION_CREDENTIALS", VariableForm::credential_path, "aws"}};
    const auto access = little.access();
    for (const auto &one : access.arguments())
        CHECK_FALSE(one.contains(canary));
    const auto inherited = access.inherited();
    REQUIRE(inherited.size() == 2);
    CHECK(read_all(inherited[0]) == "rest:https://alice:canary@nas/");
    CHECK(read_all(inherited[1]) == "canary-password");
    const auto environment = access.environment({});
    CHECK(contains(environment, "RESTIC_REPOSITORY_FILE=/proc/self/fd/" + std::to_string(inherited[0])));
    CHECK(contains(environment, "RESTIC_PASSWORD_FILE=/proc/self/fd/" + std::to_string(inherited[1])));
    CHECK(contains(environment, "AWS_SECRET_ACCESS_KEY=canary-aws"));
    CHECK(contains(environment, "GOOGLE_APPLICATION_CREDENTIALS=" + little.file("credentials/aws")));
    CHECK(std::ranges::count_if(environment, [](const auto &one) { return one.contains(canary); }) == 1);
}

TEST_CASE("ssh asks nobody, and its key and the server's are those that the repository names")
{
    Little little;
    little.repository.ssh_identity.file = little.file("key");
    little.repository.ssh_known_hosts.credential = "where";
    CHECK(little.access().arguments() ==
          std::vector<std::string>{
              R"(--option="sftp.args=-o BatchMode=yes -o ConnectTimeout=300 -o ServerAliveInterval=30 -o ServerAliveCountMax=4 -o )"
              R"(IdentitiesOnly=yes -i "")" +
              little.file("key") + R"("" -o StrictHostKeyChecking=yes -o 'UserKnownHostsFile="")" +
              little.file("credentials/where") + R"(""'")"});
    little.repository.options = {"sftp.command=ssh backup@nas -s sftp"};
    CHECK(little.access().arguments() == std::vector<std::string>{"--option=sftp.command=ssh backup@nas -s sftp"});
    little.repository.location = "/srv/r";
    little.repository.options.clear();
    CHECK(little.access().arguments().empty());
}

TEST_CASE("what ssh says is heard though restic does not listen, each word once")
{
    Little little;
    little.installation.cache_directory = little.installation.credentials_directory;
    const auto access = little.access();
    const auto log = log_of(access);
    CHECK(log.starts_with(little.installation.cache_directory + "/ssh.home."));
    CHECK(access.said_by_ssh().empty());
    std::ofstream{log, std::ios::app} << "Host key verification failed.\n";
    CHECK(access.said_by_ssh() == "Host key verification failed.\n");
    CHECK(access.said_by_ssh().empty());
}

TEST_CASE("what the ssh of one repository says is not taken for another's, and goes with it")
{
    Little little;
    little.installation.cache_directory = little.installation.credentials_directory;
    auto other = little.repository;
    other.name = "offsite";
    std::string log;
    {
        const auto nas = little.access();
        const Access offsite{other, "home", little.installation, StopRequest::never()};
        log = log_of(nas);
        CHECK(log_of(offsite) != log);
        std::ofstream{log, std::ios::app} << "Connection refused\n";
        CHECK(offsite.said_by_ssh().empty());
        CHECK(nas.said_by_ssh() == "Connection refused\n");
    }
    CHECK_FALSE(std::filesystem::exists(log));
}

TEST_CASE("limits and what a person wrote for restic stand before the verb")
{
    Little little;
    little.repository.location = "rest:http://nas/";
    little.repository.limit_upload = 100;
    little.repository.limit_download = 200;
    little.repository.pack_size = 64;
    little.repository.compression = "max";
    little.repository.options = {"rest.connections=2"};
    little.repository.restic_args = {"--cacert", "/etc/nas.pem"};
    CHECK(little.access().arguments() == std::vector<std::string>{"--limit-upload=100", "--limit-download=200", "--pack-size=64",
                                                                  "--compression=max", "--option=rest.connections=2", "--cacert",
                                                                  "/etc/nas.pem"});
}

TEST_CASE("a secret that is not there is named, and nothing passes for it")
{
    Little little;
    SECTION("a password file")
    {
        little.repository.password.file = little.file("gone");
        CHECK(little.fault() == "cannot open the file " + little.file("gone") + ": No such file or directory");
    }
    SECTION("a credential that nobody has")
    {
        little.repository.password = {.file = {}, .credential = "nas", .command = {}};
        CHECK_THAT(little.fault(), ContainsSubstring("the credential nas is not there: put it into /etc/credstore/nas"));
    }
    SECTION("a credential whose file is not there, so that systemd hands over what stands for none")
    {
        little.repository.password = {.file = {}, .credential = "empty", .command = {}};
        little.repository.load_credentials = {"empty:/etc/keys/nas"};
        CHECK(little.fault() == "the credential empty is not there: its file /etc/keys/nas is missing");
    }
    SECTION("a variable's")
    {
        little.repository.environment = {{"AWS_SECRET_ACCESS_KEY", VariableForm::credential, "gone"}};
        CHECK_THAT(little.fault(), ContainsSubstring("the credential gone is not there"));
    }
    SECTION("ssh's key")
    {
        little.repository.ssh_identity.file = little.file("gone");
        CHECK_THAT(little.fault(), ContainsSubstring("cannot open the file " + little.file("gone")));
    }
    SECTION("the location, which is a path")
    {
        little.repository.location.clear();
        little.repository.location_from.credential = "aws";
        CHECK_THAT(little.fault(), ContainsSubstring("the credential aws"));
    }
    SECTION("the location, whose password rclone would have as an argument")
    {
        little.repository.location.clear();
        little.repository.location_from.credential = "remote";
        CHECK_THAT(little.fault(), ContainsSubstring("the credential remote") && ContainsSubstring("parameter \"pass\"") &&
                                       ContainsSubstring("RCLONE_CONFIG") && !ContainsSubstring(canary));
    }
}

TEST_CASE("a feature flag is set only where the installed restic knows it, since an unknown one stops every command")
{
    constexpr auto flag = "RESTIC_FEATURES=device-id-for-hardlinks=true";
    const Little little;
    CHECK(contains(little.access().environment({"0.18.0", true}), flag));
    CHECK_FALSE(contains(little.access().environment({"0.19.0", false}), flag));
}

TEST_CASE("nothing of our own environment reaches restic")
{
    setenv("RESTIC_PASSWORD", canary, 1);
    setenv("GOTRACEBACK", "crash", 1);
    for (const auto &one : Little{}.access().environment({}))
        CHECK((!one.contains(canary) && !one.starts_with("GOTRACEBACK")));
}
