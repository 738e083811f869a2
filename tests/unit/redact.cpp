// SPDX-License-Identifier: MIT
#include "job/redact.hpp"

#include <catch2/catch_test_macros.hpp>
#include <format>

using igotchuu::redacted;
using igotchuu::redacted_location;

TEST_CASE("a password in an address is shown as stars")
{
    CHECK(redacted("rest:https://alice:canary%40pw@backup.example:8000/alice/") ==
          "rest:https://alice:***@backup.example:8000/alice/");
    CHECK(redacted("rest:https://alice:ca@na:ry@host/") == "rest:https://alice:***@host/");
    CHECK(redacted("rest:http://:canary@host/") == "rest:http://:***@host/");
    CHECK(redacted("Get \"https://a:canary@h/config\": dial tcp; tried http://b:canary@h2/ too") ==
          "Get \"https://a:***@h/config\": dial tcp; tried http://b:***@h2/ too");
    CHECK(redacted("sftp://user:canary@[::1]:2222//srv/restic") == "sftp://user:***@[::1]:2222//srv/restic");
}

TEST_CASE("a password with a slash that should have been escaped is not shown either")
{
    CHECK(redacted("parse \"https://alice:can/ary@host/\": invalid port") == "parse \"https://alice:***@host/\": invalid port");
}

TEST_CASE("nothing of a password with a quote, a bracket or a blank in it is shown")
{
    CHECK(redacted("rest:https://bob:it's-canary@nas:8000/") == "rest:https://bob:***@nas:8000/");
    CHECK(redacted("rest:https://bob:ca@na'ry@nas:8000/") == "rest:https://bob:***@nas:8000/");
    CHECK(redacted("rest:https://bob:12'34@nas:8000/") == "rest:https://bob:***@nas:8000/");
    CHECK(redacted("rest:https://o'bob:<canary>@nas/") == "rest:https://o'bob:***@nas/");
    CHECK(redacted("parse \"https://bob:ca\\\"na ry@nas/\": no; tried http://b:canary@h/") ==
          "parse \"https://bob:***@nas/\": no; tried http://b:***@h/");
    for (const auto *const password : {"it's canary", "ca\"na\"ry", "12 34", "ca@na ry", "can/a ry", "can//ary"})
        CHECK(redacted_location(std::format("rest:https://bob:{}@nas:8000/", password)) == "rest:https://bob:***@nas:8000/");
}

TEST_CASE("what may be a secret in an rclone remote is shown as stars")
{
    constexpr auto hidden = "rclone::webdav,url=\"https://nas/dav\",user=alice,pass=***:laptop";
    for (const auto *const value : {"canary", "\"ca,na:ry\"", "'can ary'", "\"ca\"\"na\"\"ry\"", "***", ""}) {
        const auto address = std::format("rclone::webdav,url=\"https://nas/dav\",user=alice,pass={}:laptop", value);
        CHECK(redacted_location(address) == hidden);
        CHECK(redacted(address) == hidden);
    }
    CHECK(redacted_location("rclone::s3,access_key_id=me,secret_access_key=canary,region=eu:b") ==
          "rclone::s3,access_key_id=me,secret_access_key=***,region=eu:b");
    CHECK(redacted_location("rclone::sftp,host=nas,pass=can ary:r") == "rclone::sftp,host=nas,pass=***:r");
    CHECK(redacted("Failed to create file system for \":webdav,url=https://nas,pass=canary:r\": no such host") ==
          "Failed to create file system for \":webdav,url=https://nas,pass=***:r\": no such host");
    CHECK(redacted("of \":drive,token=\\\"{canary: canary}\\\",scope=x:r\": no") == "of \":drive,token=***,scope=x:r\": no");
    CHECK(redacted("nas,token='canary") == "nas,token=***");
}

TEST_CASE("an address without a password is shown as it is")
{
    for (const auto *plain :
         {"", "/srv/restic", "sftp:backup@nas.example.org:/srv/restic/laptop", "rest:https://host:8000/me@home/",
          "https://[::1]:8000/x@y", "https://alice@host/", "s3:https://s3.example.org/bucket", "//", "a // b", "a//b:c",
          "rclone:nas:backups", "rclone::sftp,host=nas,user=alice,key_file=/etc/key:backups", "rclone::local,pass:r", "a, b,c"}) {
        CHECK(redacted(plain) == plain);
        CHECK(redacted_location(plain) == plain);
    }
    for (const auto *plain : {"see 'https://h/' and a@b", "Head \"https://h:8000\": as a@b", "'https://[::1]:8000' a@b"})
        CHECK(redacted(plain) == plain);
}
