// SPDX-License-Identifier: MIT
// say-invariants remember INSTANCE PASSWORD TOP… >BEFORE
// say-invariants check INSTANCE PASSWORD TOP… <BEFORE
//
// The invariants for tests in shell: what is wrong goes to standard output, and the exit status is then 1.
#include "tests/system/invariants.hpp"

#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string_view>

int main(int argc, char **argv)
{
    using namespace igotchuu::stage;
    try {
        if (argc < 5)
            throw std::invalid_argument{"see the head of say-invariants.cpp"};
        const Subject subject{.instance = argv[2], .tops = {argv + 4, argv + argc}, .canary = argv[3]};
        if (std::string_view{argv[1]} == "remember") {
            std::cout << look(subject).text();
            return 0;
        }
        const auto wrong = violations(subject, Before::from({std::istreambuf_iterator<char>{std::cin}, {}}));
        std::cout << wrong;
        return wrong.empty() ? 0 : 1;
    } catch (const std::exception &error) {
        std::cout << error.what() << '\n';
        return 1;
    }
}
