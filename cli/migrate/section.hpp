// SPDX-License-Identifier: MIT
#pragma once

#include "job/toml-values.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace igotchuu::migrate
{

struct Item;
struct Member;
using List = std::vector<Item>;
using Members = std::vector<Member>;

/// What a TOML or JSON file says, and where.
struct Item {
    Place place; ///< JSON: without line and column
    std::variant<std::string, std::int64_t, double, bool, List, Members> value;
};
struct Member {
    std::string key;
    Place place; ///< of the key
    Item item;
};

/// A table of somebody else's file, which is taken apart key by key: what is not taken in the end is named, so that nothing is dropped silently.
/// A value of another type than is asked for is a fault.
class Section
{
public:
    Section(std::string name, Members members, Findings &findings)
        : name_{std::move(name)}, members_{std::move(members)}, findings_{&findings}
    {
    }

    [[nodiscard]] const Member *find(std::string_view key) const; ///< nullptr: there is none
    [[nodiscard]] const Members &members() const noexcept { return members_; }
    [[nodiscard]] std::string full(std::string_view key) const; ///< "profiles.home.repo"

    std::optional<Member> take(std::string_view key);
    std::optional<Text> text(std::string_view key); ///< a whole number is one, too
    std::vector<Text> texts(std::string_view key); ///< a list, or one text
    std::optional<bool> flag(std::string_view key);
    Section section(std::string_view key); ///< empty where there is none

    void leave_out(std::string_view key, std::string_view why); ///< if it is there
    void leave_out_rest(std::string_view why);
    void fault(const Member &member, std::string_view why) const;
    void say(const Member &member, std::string_view what) const; ///< to be known, and no fault

private:
    std::string name_;
    Members members_;
    Findings *findings_;
};

/// The text of a list's element or of a key: a text, or a number as it is written. Nothing: it is neither.
[[nodiscard]] std::optional<std::string> scalar(const Item &item);

/// Lays `above` over `below`, table in table: what inherits has its own keys, and the others of what it inherits from.
[[nodiscard]] Members merged(Members below, const Members &above);

/// The whole of a TOML or JSON file (that begins with "{"), `file` by name for the places: it has to outlive them. Empty: it is neither, which is a fault.
[[nodiscard]] Members read_tables(std::string_view file, std::string_view text, Findings &findings);

} // namespace igotchuu::migrate
