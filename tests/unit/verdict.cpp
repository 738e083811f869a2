// SPDX-License-Identifier: MIT
#include "exec/restic/verdict.hpp"

#include <catch2/catch_test_macros.hpp>
#include <csignal>

using namespace igotchuu;
using namespace igotchuu::restic;

namespace
{

const std::string id(64, 'a');
Repository made(const std::string &name, const std::string &location, const Secret &password)
{
    Repository repository;
    repository.name = name;
    repository.file = "/etc/igotchuu/repositories/" + name + ".toml";
    repository.location = location;
    repository.password = password;
    return repository;
}

const auto usb = made("usb", "/mnt/usb/r", {.file = "/root/pw", .credential = {}, .command = {}});
const auto nas = made("nas", "rest:https://alice:canary@nas/", {.file = {}, .credential = "nas-key", .command = {}});

Words with_snapshot(int errors = 0)
{
    Words words;
    words.summary({.total_files_processed = 3, .snapshot_id = id});
    for (int i = 0; i < errors; ++i)
        words.error();
    return words;
}

std::string message(const Repository &repository, int status)
{
    return judge(repository, {.status = status}, {}).message;
}

} // namespace

TEST_CASE("a backup is a success only with exit 0, a snapshot and no error")
{
    CHECK(judge(usb, {}, with_snapshot()).outcome == Outcome::success);
    CHECK(judge(usb, {}, with_snapshot()).message.empty());
    CHECK(judge(usb, {}, {}).outcome == Outcome::failed);
    CHECK(judge(usb, {}, with_snapshot(1)).outcome == Outcome::partial);
}

TEST_CASE("exit 3 is partial with a snapshot and failed without one")
{
    const auto partial = judge(usb, {.status = 3}, with_snapshot(2));
    CHECK(partial.outcome == Outcome::partial);
    CHECK(partial.errors == 2);
    CHECK(partial.summary.snapshot_id == id);
    CHECK(partial.message == "2 files could not be read");
    CHECK(judge(usb, {.status = 3}, {}).outcome == Outcome::failed);
}

TEST_CASE("every other way to end is a failure, with a snapshot or without")
{
    for (const auto status : {1, 2, 4, 10, 11, 12, 77, 127, 130, 143})
        CHECK(judge(usb, {.status = status}, with_snapshot()).outcome == Outcome::failed);
    CHECK(judge(usb, {.signal = SIGSEGV}, with_snapshot()).outcome == Outcome::failed);
    CHECK(judge(usb, {.signal = SIGKILL}, {}).message == "restic was ended by signal 9 (Killed, out of memory?)");
}

TEST_CASE("an end that we asked for is stopped, unless the snapshot was made all the same")
{
    CHECK(judge(usb, {.status = 1, .interrupted = true}, {}).outcome == Outcome::stopped);
    CHECK(judge(usb, {.status = 130, .interrupted = true}, {}).outcome == Outcome::stopped);
    CHECK(judge(usb, {.status = 0, .interrupted = true}, {}).outcome == Outcome::stopped);
    CHECK(judge(usb, {.status = 0, .interrupted = true}, with_snapshot()).outcome == Outcome::success);
    CHECK(judge(usb, {.status = 3, .interrupted = true}, with_snapshot(1)).outcome == Outcome::partial);
    const auto killed = judge(usb, {.signal = SIGKILL, .interrupted = true, .killed = true}, {});
    CHECK(killed.outcome == Outcome::stopped);
    CHECK(killed.message.contains("restic unlock"));
}

TEST_CASE("a failure says what to do, and never shows a password")
{
    CHECK(message(usb, 10) ==
          "there is no repository at /mnt/usb/r (is its disk mounted?); to make one there: igotchuu repository init usb");
    CHECK(message(nas, 10) ==
          "there is no repository at rest:https://alice:***@nas/; to make one there: igotchuu repository init nas");
    auto by_address = nas;
    by_address.name = by_address.location;
    CHECK(message(by_address, 10) == "there is no repository at rest:https://alice:***@nas/");
    CHECK(explain_absence(usb) == "there is no repository at /mnt/usb/r (is its disk mounted?)"); // perhaps in a drawer
    CHECK(message(usb, 12) == "the password for /mnt/usb/r in /root/pw is wrong");
    CHECK(message(nas, 12) == "the password for rest:https://alice:***@nas/ in the credential nas-key is wrong");
    CHECK(message(usb, 11).contains("restic unlock"));
    CHECK(message(usb, 130).contains("nobody asked this run to stop"));
}

TEST_CASE("the reason is the line of restic that tells most, on one line")
{
    Words words;
    words.line("warming up");
    words.line("Fatal: unable to open https://alice:canary@nas/: no route");
    words.line("cleaning up");
    CHECK(judge(usb, {.status = 1}, words).message ==
          "restic failed with exit status 1: Fatal: unable to open https://alice:***@nas/: no route");
    words.last("Fatal: no\nnot\x1b[1m at all\n");
    CHECK(judge(usb, {.status = 1}, words).message == R"(restic failed with exit status 1: Fatal: no not\x1b[1m at all)");
}

TEST_CASE("why a repository is out of reach is said with what to look at")
{
    Words ssh;
    ssh.line("subprocess ssh: ssh: connect to host nas port 22: Connection refused");
    ssh.last("Fatal: unable to open repository at sftp:nas:/r: unable to start the sftp session, error: unexpected EOF");
    CHECK(judge(nas, {.status = 1}, ssh).message ==
          "the repository rest:https://alice:***@nas/: nothing listens there: is the server up, and are host and port right? (ssh: "
          "connect to host nas port 22: Connection refused)");
    Words rest;
    rest.line("Stat(<config/>) returned error, retrying after 1.3s: Head \"https://alice:canary@nas/config\": dial tcp: lookup "
              "nas: no such host");
    rest.line("signal interrupt received, cleaning up");
    rest.last("Fatal: unable to open config file: context canceled");
    CHECK(
        explain_silence(nas, rest) ==
        "the repository rest:https://alice:***@nas/ could not be opened within 600 s (the key answer-timeout): the name of the "
        "server cannot be resolved: is it right, and is there a network? (Head \"https://alice:***@nas/config\": dial tcp: lookup "
        "nas: no such host)");
    Words rclone;
    rclone.line("rclone: 2026/11/26 03:49:08 Failed to create file system for \"nas:r\": dial tcp 127.0.0.1:39725: connect: "
                "connection refused");
    rclone.last("Fatal: unable to open repository at rclone:nas:r: error talking HTTP to rclone: exit status 1");
    CHECK(judge(nas, {.status = 1}, rclone)
              .message.contains("nothing listens there: is the server up, and are host and port right? (Failed to"));
    CHECK(explain_silence(nas, {}) ==
          "the repository rest:https://alice:***@nas/ does not answer: nothing within 600 s (the key answer-timeout)");
}

TEST_CASE("what was overcome is no reason")
{
    Words words;
    words.line("Save(<data/1>) returned error, retrying after 1s: dial tcp: connect: connection refused");
    words.line("Save(<data/1>) operation successful after 1 retries");
    words.last("Fatal: the moon is full");
    CHECK(judge(nas, {.status = 1}, words).message == "restic failed with exit status 1: Fatal: the moon is full");
    words.last("Fatal: write: no space left on device");
    CHECK(judge(nas, {.status = 1}, words).message.contains("there is no space left"));
    words.last("Fatal: unable to save snapshot: unexpected HTTP response (500): 500 Internal Server Error");
    CHECK(judge(nas, {.status = 1}, words).message.contains("only its own log says at what"));
}

TEST_CASE("a server that is out of reach is pending; one that answers and refuses, and what is of this machine, has failed")
{
    const auto ended_with = [](const Repository &repository, std::string_view last, int status = 1) {
        Words words;
        words.last(last);
        return judge(repository, {.status = status}, words).outcome;
    };
    for (const std::string_view away :
         {"Fatal: unable to open config file: dial tcp 10.0.0.1:8000: connect: connection refused",
          "Fatal: dial tcp: lookup nas: no such host", "Fatal: connect: no route to host", "Fatal: connect: network is unreachable",
          "Fatal: dial tcp: i/o timeout", "Fatal: Head \"https://nas/config\": net/http: TLS handshake timeout"})
        CHECK(ended_with(nas, away) == Outcome::pending);
    for (const std::string_view refused :
         {"Fatal: x509: certificate has expired", "Fatal: Unauthorized", "Fatal: no space left on device",
          "Fatal: read: connection reset by peer", "Timeout, server 10.0.0.1 not responding.", "Fatal: the moon is full"})
        CHECK(ended_with(nas, refused) == Outcome::failed);
    CHECK(ended_with(nas, "Fatal: connection refused", exit_code::wrong_password) == Outcome::failed);
    CHECK(ended_with(usb, "Fatal: dial tcp: connect: connection refused") == Outcome::failed);

    CHECK(judge_silence(nas, {}).outcome == Outcome::pending);
    CHECK(judge_silence(usb, {}).outcome == Outcome::failed);
    Words untrusted;
    untrusted.line("Stat(<config/>) returned error, retrying after 1s: x509: certificate signed by unknown authority");
    CHECK(judge_silence(nas, untrusted).outcome == Outcome::failed);
}
