// SPDX-License-Identifier: MIT
#include "job/recovery-key.hpp"

#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace igotchuu;

namespace
{

const std::array<unsigned char, recovery_key_bytes> counting{0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf,
                                                             0x84, 0x65, 0x3a, 0x56, 0xd7, 0xc6, 0x75, 0xbe, 0x77, 0xdf};
constexpr std::string_view in_order = "2345-6789-ABCD-EFGH-JKLM-NPQR-STUV-WXYZ";

} // namespace

TEST_CASE("all 160 bits of a recovery key are in its text, each character once where all are different")
{
    CHECK(recovery_key_of(counting) == in_order);
    for (std::size_t byte = 0; byte < recovery_key_bytes; ++byte)
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto other = counting;
            other[byte] = static_cast<unsigned char>(other[byte] ^ (1U << bit));
            CHECK(recovery_key_of(other) != in_order);
        }
}

TEST_CASE("no character of a recovery key looks like another")
{
    for (const char alike : std::string_view{"01OIoi"})
        CHECK_FALSE(recovery_key_alphabet.contains(alike));
    CHECK(std::set<char>(recovery_key_alphabet.begin(), recovery_key_alphabet.end()).size() == 32);
}

TEST_CASE("a recovery key may be typed in small letters, with spaces, and without dashes")
{
    for (const std::string_view typed : {"2345-6789-ABCD-EFGH-JKLM-NPQR-STUV-WXYZ", "23456789abcdefghjklmnpqrstuvwxyz",
                                         " 2345 6789 ABCD EFGH JKLM NPQR STUV WXYZ\r\n"})
        CHECK(typed_recovery_key(typed) == in_order);
}

TEST_CASE("what is no recovery key is told why")
{
    CHECK(typed_recovery_key("2345-6789-ABCD-EFGH-JKLM-NPQR-STUV-WXY").error() ==
          "it has 31 characters, and a recovery key has 32");
    CHECK(typed_recovery_key("").error().contains("0 characters"));
    CHECK(typed_recovery_key("0345-6789-ABCD-EFGH-JKLM-NPQR-STUV-WXYZ").error().contains("without 0, O, 1 and I"));
    CHECK_FALSE(typed_recovery_key("2345-6789-ABCD-EFGH-JKLM-NPQR-STUV-WXYZ-2345"));
    CHECK_FALSE(typed_recovery_key("caf\xe9"));
}

TEST_CASE("the last group is what a person types to show that she has the key")
{
    CHECK(last_group(in_order) == "WXYZ");
    for (const std::string_view typed : {"WXYZ", "wxyz", " wx-yz "})
        CHECK(is_last_group(in_order, typed));
    for (const std::string_view typed : {"", "STUV", "WXY", "WXYZZ", "2345-6789-ABCD-EFGH-JKLM-NPQR-STUV-WXYZ"})
        CHECK_FALSE(is_last_group(in_order, typed));
}
