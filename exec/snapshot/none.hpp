// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/method.hpp"

#include <string>

namespace igotchuu::none
{

/// Trees as they are, and change while they are read. Nothing is made, and nothing can be left.
class Live : public Frozen
{
public:
    /// What is at `below` a source (empty: the source itself).
    void add(const std::string &source, const std::string &below);

    ~Live() override { trees_.clear(); }
    Live() = default;
    Live(Live &&) = default;
    Live &operator=(Live &&) = default;

    [[nodiscard]] std::string short_of_space() const override { return {}; }
    void hide() override {}
    void remove() override { trees_.clear(); }
};

extern const Method method;

} // namespace igotchuu::none
