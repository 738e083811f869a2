// SPDX-License-Identifier: MIT
#include "job/newest-runs.hpp"

#include <cstddef>
#include <string_view>

namespace igotchuu
{

namespace
{

/// Where the value ends that begins at `from`: at the comma or bracket after it. At the text's end where it has none.
std::size_t end_of_value(std::string_view text, std::size_t from)
{
    int depth = 0;
    for (bool in_string = false; from < text.size(); ++from) {
        const char character = text[from];
        if (in_string) {
            from += character == '\\' ? 1 : 0;
            in_string = character != '"';
        } else if (character == '"') {
            in_string = true;
        } else if (character == '[' || character == '{') {
            ++depth;
        } else if (character == ']' || character == '}' || character == ',') {
            if (depth == 0)
                return from;
            depth -= character == ',' ? 0 : 1;
        }
    }
    return text.size();
}

/// Where the last of the newest_runs() ends, the first of which begins at `from`.
std::size_t end_of_newest(std::string_view text, std::size_t from)
{
    constexpr std::string_view of_kept = R"("kept_run":")", of_none = R"("kept_run":"")", put_off = R"("outcome":"not-now")";
    for (auto end = end_of_value(text, from);; end = end_of_value(text, from)) {
        const auto run = text.substr(from, end - from); // a quote inside of a string would have a backslash before it
        const bool is_last = (!run.contains(of_kept) || run.contains(of_none)) && !run.contains(put_off);
        if (is_last || end >= text.size() || text[end] != ',')
            return end;
        from = end + 1;
    }
}

/// Takes the elements of an array of objects away, but the newest runs where `newest` says so. `begin` ends with the array's bracket and the first one's.
enum class Newest { stay, go };
void take_away_elements(std::string &text, std::string_view begin, Newest newest)
{
    const auto found = text.find(begin);
    if (found == text.npos)
        return;
    const auto array = found + begin.size() - 2, array_end = end_of_value(text, array); // the latter is behind its bracket
    const auto from = newest == Newest::stay ? end_of_newest(text, array + 1) : array + 1;
    if (from < array_end && array_end <= text.size() && text[array_end - 1] == ']' && (newest == Newest::go || text[from] == ','))
        text.erase(from, array_end - 1 - from);
}

} // namespace

std::string with_newest_runs(std::string text)
{
    take_away_elements(text, R"("days":[{)", Newest::go); // nor would that be inside of one
    take_away_elements(text, R"("history":[{)", Newest::stay);
    return text;
}

} // namespace igotchuu
