// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace igotchuu
{

/// Which troubles (troubles.hpp) have been told in which way, of something that is looked at again and again: each is told once in each way, whatever
/// else is wrong already.
class Told
{
public:
    Told() = default;
    explicit Told(std::vector<std::string> words) : words_{std::move(words)} {}
    [[nodiscard]] const std::vector<std::string> &words() const noexcept { return words_; } ///< without spaces, to be kept

    /// Whether one of these has not been told in that way.
    [[nodiscard]] bool is_news(std::string_view way, const std::vector<std::string> &troubles) const;
    void add(std::string_view way, const std::vector<std::string> &troubles);
    /// Of a repository that none of these are with all is over: what comes then is news again. What comes and goes as another trouble of one that stays is none.
    void forget_what_is_over(const std::vector<std::string> &troubles);

private:
    std::vector<std::string> words_; ///< "WAY/INSTANCE:KIND"
};

} // namespace igotchuu
