// SPDX-License-Identifier: MIT
#include "cli/shell.hpp"

#include <catch2/catch_test_macros.hpp>

using igotchuu::shell_word;

TEST_CASE("what is shown to be typed means the same in a shell")
{
    CHECK(shell_word("sftp:backup@nas.example.org:/srv/restic/laptop") == "sftp:backup@nas.example.org:/srv/restic/laptop");
    CHECK(shell_word("/srv/tv shows") == "'/srv/tv shows'");
    CHECK(shell_word("it's $HOME") == R"('it'\''s $HOME')");
    CHECK(shell_word("") == "''");
    CHECK(shell_word("~") == "'~'");
}
