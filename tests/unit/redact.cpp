// SPDX-License-Identifier: MIT
#include "job/redact.hpp"

#include <catch2/catch_test_macros.hpp>

using igotchuu::redacted;

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

TEST_CASE("an address without a password is shown as it is")
{
    for (const auto *plain :
         {"", "/srv/restic", "sftp:backup@nas.example.org:/srv/restic/laptop", "rest:https://host:8000/me@home/",
          "https://[::1]:8000/x@y", "https://alice@host/", "s3:https://s3.example.org/bucket", "//", "a // b", "a//b:c"})
        CHECK(redacted(plain) == plain);
}
