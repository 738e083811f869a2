// SPDX-License-Identifier: MIT
#include "job/notify.hpp"
#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;

namespace
{

std::string faults_of(std::string_view text)
{
    const LittleRoot root;
    root.write("/etc/igotchuu/notify.toml", text);
    const auto notify = load_notify(root.search_path());
    REQUIRE(notify);
    return *notify ? std::string{} : notify->error().what();
}

Notify notify_of(std::string_view text)
{
    const LittleRoot root;
    root.write("/etc/igotchuu/notify.toml", text);
    return load_notify(root.search_path()).value().value();
}

} // namespace

TEST_CASE("without a file nobody is told, and that is no fault")
{
    CHECK_FALSE(load_notify(LittleRoot{}.search_path()));
}

TEST_CASE("one line is enough to be told of failures, and that they are over")
{
    const auto notify = notify_of("mail.to = [\"root\"]\n");
    CHECK(notify.mail_to == std::vector<std::string>{"root"});
    CHECK(notify.mail_on == std::vector{Occasion::failure, Occasion::recovery});
    CHECK(notify.command.empty());
    CHECK(notify.ping.empty());
}

TEST_CASE("every key has its effect")
{
    const auto notify = notify_of(R"(
[mail]
to = ["root", "alice@example.org"]
from = "backup@example.org"
on = ["failure"]
[command]
run = ["/usr/local/bin/tell", "--loud"]
user = "alice"
on = ["failure", "recovery", "success", "stopped", "start"]
[ping]
url-credential = "ping"
)");
    CHECK(notify.mail_to.size() == 2);
    CHECK(notify.mail_from == "backup@example.org");
    CHECK(notify.mail_on == std::vector{Occasion::failure});
    CHECK(notify.command == std::vector<std::string>{"/usr/local/bin/tell", "--loud"});
    CHECK(notify.command_user == "alice");
    CHECK(notify.command_on ==
          std::vector{Occasion::failure, Occasion::recovery, Occasion::success, Occasion::stopped, Occasion::start});
    CHECK(notify.ping.credential == "ping");
}

TEST_CASE("a drop-in adds to the file, and a link to /dev/null masks it")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/notify.toml", "mail.to = [\"root\"]\n");
    root.write("/etc/igotchuu/notify.toml.d/ping.toml", "ping.url-file = \"/etc/igotchuu/ping\"\n");
    CHECK(load_notify(root.search_path()).value().value().ping.file == "/etc/igotchuu/ping");
    const LittleRoot alone;
    alone.write("/etc/igotchuu/notify.toml.d/ops.toml", "mail.to = [\"root\"]\n");
    CHECK(load_notify(alone.search_path()).value().value().mail_to == std::vector<std::string>{"root"});
    const LittleRoot masked;
    masked.write("/usr/local/lib/igotchuu/notify.toml", "mail.to = [\"root\"]\n");
    masked.link("/etc/igotchuu/notify.toml", "/dev/null");
    CHECK_FALSE(load_notify(masked.search_path()));
}

TEST_CASE("everything that is wrong is said at once, with line and column")
{
    const auto faults = faults_of(R"(mail.to = ["-oQ/tmp", "a b", "a@b, c@d", "größe@example.org", "x\ny"]
mail.from = "<a@b>"
mail.on = ["failed"]
command.run = ["tell"]
command.user = "-x"
ping.url-file = "/etc/ping"
ping.url-credential = "a/b"
colour = "red"
)");
    for (const std::string_view fault : {
             "/etc/igotchuu/notify.toml:1:12: mail.to: \"-oQ/tmp\" is neither an address",
             "/etc/igotchuu/notify.toml:1:23: mail.to: \"a b\" is neither",
             "/etc/igotchuu/notify.toml:1:30: mail.to: \"a@b, c@d\" is neither",
             "mail.to: the control character \\x0a may not be in it",
             "/etc/igotchuu/notify.toml:2:13: mail.from: \"<a@b>\" is neither",
             "/etc/igotchuu/notify.toml:3:12: mail.on: expected \"failure\", \"recovery\", \"success\", \"stopped\", \"start\", "
             "found \"failed\"",
             "/etc/igotchuu/notify.toml:4:15: command.run: needs the absolute path of a program",
             "/etc/igotchuu/notify.toml:5:16: command.user: \"-x\" cannot be a user's name",
             "ping.url-credential: \"a/b\" is no credential's name",
             "ping.url-credential: there is the key ping.url-file, too",
             "unknown key \"colour\"",
         }) {
        INFO(faults);
        INFO(fault);
        CHECK(faults.contains(fault));
    }
}

TEST_CASE("a file that tells nobody is a fault")
{
    CHECK(faults_of("mail.on = [\"failure\"]\n").contains("tells nobody: needs one of the keys"));
    CHECK(faults_of("").contains("tells nobody"));
}
