// SPDX-License-Identifier: MIT
#include "exec/init/recipient.hpp"

#include "exec/restic/access.hpp"
#include "job/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace igotchuu
{

namespace
{

using json = nlohmann::ordered_json;

std::vector<std::string> variables_of(const Repository &repository)
{
    std::vector<std::string> names;
    for (const auto &variable : repository.environment)
        names.push_back(variable.name);
    return names;
}

/// As a person types them after -o.
std::vector<std::string> options_of(const Repository &repository)
{
    std::vector<std::string> fields;
    std::ranges::transform(repository.options, std::back_inserter(fields), restic::option_field);
    return fields;
}

std::string on_a_line(const json &object)
{
    return object.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace

Recipient::Recipient(const StopRequest &stop)
    : stop_{stop},
      program_{stop, "nobody takes the recovery key: standard output is no pipe (people type: igotchuu repository init NAME)"}
{
}

void Recipient::say_there(std::string_view id, std::string_view host, std::string_view made)
{
    program_.say(on_a_line({{"message", "there"}, {"id", id}, {"host", host}, {"made", made}}));
}

void Recipient::hand_over(const NewRecoveryKey &made)
{
    const auto &repository = made.repository;
    program_.say(on_a_line({{"message", "recovery-key"},
                            {"key", made.key},
                            {"id", made.id},
                            {"repository", repository.name},
                            {"location", repository.location},
                            {"location_credential", repository.location_from.credential},
                            {"options", options_of(repository)},
                            {"restic_args", repository.restic_args},
                            {"variables", variables_of(repository)},
                            {"working_key", made.working_key},
                            {"made_repository", made.made_repository}}));
    if (program_.hear() == "shown")
        return;
    stop_.check();
    throw Failure{"the recovery key was not shown to anybody: the program that takes it has gone"};
}

void Recipient::say_kept()
{
    program_.say(on_a_line({{"message", "kept"}}));
}

bool Recipient::hears_confirmation()
{
    return program_.hear() == "confirmed";
}

} // namespace igotchuu
