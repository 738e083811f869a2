// SPDX-License-Identifier: MIT
#include "cli/retrieve/retrieval.hpp"

#include "cli/job-names.hpp"
#include "cli/terminal.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/recovery-key.hpp"
#include "job/redact.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <format>
#include <fstream>
#include <iostream>
#include <string.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

using nlohmann::json;

void needs_root()
{
    if (geteuid() != 0)
        throw Failure{"this opens the repository, which only root may: run it as root (sudo igotchuu …)"};
}

/// A name that a file has comes first: it may have a colon in it.
bool is_location(const std::string &word)
{
    const auto files = find_files(SearchPath::standard(), "repositories");
    return !std::ranges::contains(files, word, &FoundFile::name) && (word.starts_with('/') || word.contains(':'));
}

/// As restic takes it: a recovery key may be typed with small letters, and without its dashes.
std::string password_of(const std::string &typed)
{
    const auto key = typed_recovery_key(typed);
    return key ? *key : typed;
}

std::string first_line_of(const std::string &path)
{
    std::ifstream file{path};
    std::string line;
    if (!std::getline(file, line))
        fail(errno == 0 ? ENODATA : errno, "cannot read a password from {}", printable(path));
    line.erase(line.find_last_not_of(" \t\r") + 1);
    return line;
}

std::string password_for(const RepositoryChoice &choice, const StopSignals &stop)
{
    if (!choice.password_file.empty()) {
        auto line = first_line_of(choice.password_file);
        auto password = password_of(line);
        explicit_bzero(line.data(), line.size());
        return password;
    }
    const auto prompt =
        std::format("The recovery key or the password of {} (it is not shown): ", printable(redacted_location(choice.repository)));
    auto typed = ask(prompt, Echo::off, stop);
    if (stop.came())
        throw Cancelled{};
    if (!typed || typed->empty())
        throw UsageError{"no password was given: it is asked for on a terminal, read from a pipe, or from --password-file"};
    auto password = password_of(*typed);
    explicit_bzero(typed->data(), typed->size());
    return password;
}

[[noreturn]] void refuse_nothing()
{
    const auto jobs = jobs_with_files(SearchPath::standard());
    throw UsageError{std::format("of which job? Name it{}, or a repository by --repository",
                                 jobs.empty() ? std::string{} : std::format(" ({})", to_choose_from(jobs)))};
}

/// With the members that name the repositories.
json completed(const RepositoryChoice &choice, json request, const StopSignals &stop)
{
    needs_root();
    if (!choice.password_file.empty() && !is_location(choice.repository))
        throw UsageError{
            "--password-file is for a repository of which nothing is configured here: say by --repository where it is"};
    if (choice.job.empty() && choice.repository.empty())
        refuse_nothing();
    if (!choice.job.empty())
        request["job"] = job_called(SearchPath::standard(), choice.job).instance;
    if (choice.repository.empty())
        return request;
    if (!is_location(choice.repository)) {
        request["repository"] = choice.repository;
        return request;
    }
    if (!choice.job.empty())
        throw UsageError{"a repository of which nothing is configured here has no jobs: leave the job out"};
    request["location"] = choice.repository;
    request["password"] = password_for(choice, stop);
    return request;
}

} // namespace

void add_repository_options(CLI::App &verb, RepositoryChoice &choice)
{
    verb.add_option("--repository", choice.repository, "only this one; or where one is, as restic has it")->type_name("NAME");
    verb.add_option("--password-file", choice.password_file, "what opens it, else it is asked for")->type_name("FILE");
}

Retrieval::Retrieval(const RepositoryChoice &choice, json request)
    : exec_{(request = completed(choice, std::move(request), stop_), std::vector<std::string>{"retrieve"}), stop_}
{
    auto line = request.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
    exec_.tell(line);
    explicit_bzero(line.data(), line.size());
}

std::optional<json> Retrieval::next()
{
    while (auto line = exec_.line()) {
        auto message = json::parse(*line, nullptr, false);
        if (!message.is_object())
            continue;
        const auto what = message.value("message", ""), repository = redacted_location(message.value("repository", ""));
        if (message.contains("repository"))
            message["repository"] = repository;
        if (what != "trouble" && what != "alike")
            return message;
        message.erase("message");
        if (what == "trouble")
            std::cerr << std::format("igotchuu: {}: {}\n", printable(repository), message.value("why", ""));
        else
            std::cerr << std::format(
                "igotchuu: {}: {} names are listed as {}, since they are no UTF-8: what is shown is of all of them\n",
                printable(repository), message.value("names", std::uint64_t{0}), printable(message.value("path", "")));
        (what == "trouble" ? troubles_ : alike_).push_back(std::move(message));
    }
    return {};
}

void Retrieval::tell(const json &message)
{
    exec_.tell(message.dump(-1, ' ', false, json::error_handler_t::replace) + '\n');
}

} // namespace igotchuu
