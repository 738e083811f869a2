// SPDX-License-Identifier: MIT
#include "exec/restic/unsound.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace igotchuu::restic;

namespace
{

const std::string id(64, 'a');

Unsound heard(const std::vector<std::string> &lines)
{
    Unsound unsound;
    for (const auto &line : lines)
        unsound.hear(line);
    return unsound;
}

/// What restic 0.18.0 said when its ssh ended in the midst of the data.
const std::vector<std::string> broken{
    "Load(<data/60311ba143>, 4212450, 0) returned error, retrying after 913.471499ms: readFull: connection lost",
    "Load(<data/b0204b6415>, 4195092, 0) failed: ssh command exited: exit status 255",
    "download error: circuit breaker open for file <data/b0204b6415>",
    "The repository is damaged and must be repaired. Please follow the troubleshooting guide at https://restic.example/ .",
    "Remove(<lock/c48210d7f2>) failed: ssh command exited: exit status 255",
    "subprocess ssh: client_loop: send disconnect: Broken pipe",
    "Fatal: repository contains errors",
};

/// The same with one more word, before and after.
std::vector<Unsound> with(const std::string &line)
{
    auto before = broken, after = broken;
    before.insert(before.begin(), line);
    after.push_back(line);
    return {heard(before), heard(after)};
}

} // namespace

TEST_CASE("a connection that breaks while data, an index or the list of packs is read is no damage")
{
    const std::vector<std::string> index{
        "Load(<index/fbcb37e81e>, 0, 0) returned error, retrying after 644.556838ms: connection lost",
        "Load(<index/fbcb37e81e>, 0, 0) failed: ssh command exited: exit status 255",
        "error: error loading index " + id + ": circuit breaker open for file <index/fbcb37e81e>",
        "The repository index is damaged and must be repaired. You must run `restic repair index' to correct this.",
        "Fatal: repository contains errors"};
    const std::vector<std::string> list{
        "List(data) returned error, retrying after 960.895237ms: Walk /r/data: connection lost",
        "List(data) failed: ssh command exited: exit status 255",
        "ssh command exited: exit status 255",
        "pack " + id + ": does not exist",
        "Load(<snapshot/90e836ee02>, 0, 0) failed: ssh command exited: exit status 255",
        "error: failed to load snapshot 90e836ee: circuit breaker open for file <snapshot/90e836ee02>",
        "error for tree 60311ba1:",
        "  circuit breaker open for file <data/60311ba143>",
        "The repository contains damaged pack files. These damaged files must be removed to repair the repository.",
        "restic repair packs " + id,
        "restic repair snapshots --forget",
        "Damaged pack files can be caused by backend problems, hardware problems or bugs in restic.",
        "Fatal: repository contains errors"};
    const std::vector<std::string> rest{
        R"(Load(<data/60311ba143>, 0, 0) failed: Get "http://nas:8000/data/60": dial tcp 10.0.0.1:8000: connect: connection refused)",
        "pack " + id + " contains 1 errors: [partial download error: readFull: connection reset by peer]",
        "Fatal: repository contains errors"};
    for (const auto &lines : {broken, index, list, rest}) {
        const auto unsound = heard(lines);
        INFO(lines.front());
        CHECK(unsound.cut_off());
        CHECK_FALSE(unsound.other());
        CHECK_FALSE(unsound.damaged());
    }
}

TEST_CASE("damage is damage, whatever breaks before or after it")
{
    for (const auto &line : {
             "pack " + id + " contains 2 errors: [blob 1: ciphertext verification failed partial download error: connection lost]",
             "pack " + id + " contains 1 errors: [unexpected pack id " + id + "]",
             "pack " + id + " contains 2 errors: [blob 1: wrong data returned partial download error: connection lost]",
             std::string{R"(  tree 1: file "a" blob 0 not found in index)"},
             std::string{"Load(<data/60311ba143>, 0, 0) failed: file does not exist"},
         })
        for (const auto &unsound : with(line)) {
            INFO(line);
            CHECK(unsound.other());
            CHECK(unsound.damaged());
        }
}

TEST_CASE("what it does not know is no broken connection")
{
    for (const auto &line : {
             "pack " + id + ": does not exist", // and they were all listed
             "pack " + id + ": unexpected file size: got 7, expected 9",
             std::string{R"(  tree 1: node "ssh command exited" with invalid type "x")"},
             std::string{"Load(<data/60311ba143>, 0, 0) failed: unexpected EOF"},
             std::string{"error: a sentence of a restic to come"},
             std::string{"1 lines of restic were dropped, each over 1 MiB"},
         })
        for (const auto &unsound : with(line)) {
            INFO(line);
            CHECK(unsound.other());
        }
    CHECK_FALSE(heard({"Fatal: repository contains errors"}).cut_off());
}
