// SPDX-License-Identifier: MIT
#include "exec/notify/remembered.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

namespace igotchuu
{

Remembered::Remembered(const Subject &subject)
{
    const char *const directory = std::getenv("STATE_DIRECTORY");
    path_ = std::filesystem::path{directory == nullptr ? "/var/lib/igotchuu/notify" : directory} / subject.service();
    std::string word;
    std::ifstream file{path_};
    file >> invocation_id_ >> word;
    failure_ = word == "failure";
    told_ = Told{std::vector<std::string>{std::istream_iterator<std::string>{file}, {}}};
}

void Remembered::keep(const std::string &invocation_id, bool failure)
{
    failure_ = failure;
    if (!invocation_id.empty())
        invocation_id_ = invocation_id;
    std::ofstream file{path_};
    file << (invocation_id_.empty() ? "none" : invocation_id_) << ' ' << (failure ? "failure" : "fine");
    for (const auto &of_it : told_.words())
        file << ' ' << of_it;
    file << std::endl;
    if (!file)
        std::cerr << "igotchuu: cannot write " << path_.native() << '\n';
}

} // namespace igotchuu
