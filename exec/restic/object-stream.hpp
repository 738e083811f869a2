// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace igotchuu::restic
{

/// Hears the objects that lie `depth` deep in a text of JSON one by one as it comes, so that no list has to fit into memory: of `{"nodes":[{…},{…}]}` those at 3.
class ObjectStream
{
public:
    using Hear = std::function<void(std::string_view object)>;

    /// `around` hears the object that the list is in, when that ends; the list is empty in it.
    ObjectStream(int depth, Hear hear, Hear around = [](std::string_view) {});
    /// What is no JSON is passed over, line by line. Throws Failure when one object takes more than 256 MiB.
    void feed(std::string_view bytes);
    [[nodiscard]] bool heard_other_words() const noexcept { return other_words_; }

private:
    static constexpr std::size_t longest = std::size_t{256} * 1024 * 1024; // a file of 2 TiB has a list that is half as long
    void take(char byte, int level);
    void close(int level);

    int depth_;
    Hear hear_, around_;
    int open_ = 0; ///< brackets
    bool in_text_ = false, escaped_ = false, in_other_words_ = false, other_words_ = false;
    std::string object_, rest_;
};

} // namespace igotchuu::restic
