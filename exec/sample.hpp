// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace igotchuu
{

/// Some of very many files, each time others: small and large ones alike, of each size class (of which each is 16 times the one before) as many as of the others,
/// as far as there are that many. Keeps no more than `count` names of each class.
class Sample
{
public:
    explicit Sample(std::size_t count) : count_{count} {}
    void offer(const std::string &path, std::uint64_t size);
    /// At most `count`, and together no larger than `room`.
    [[nodiscard]] std::vector<std::string> drawn(std::uint64_t room);

private:
    struct File {
        std::string path;
        std::uint64_t size;
    };
    struct Class {
        std::uint64_t seen = 0;
        std::vector<File> kept{};
    };

    [[nodiscard]] std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_); }

    std::size_t count_;
    std::array<Class, 17> classes_{}; ///< 0, up to 15, up to 255 bytes and so on
    std::mt19937_64 random_{(std::uint64_t{std::random_device{}()} << 32U) | std::random_device{}()};
};

} // namespace igotchuu
