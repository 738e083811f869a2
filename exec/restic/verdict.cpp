// SPDX-License-Identifier: MIT
#include "exec/restic/verdict.hpp"

#include "exec/restic/cause.hpp"
#include "job/diagnostic.hpp"
#include "job/redact.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <format>

namespace igotchuu::restic
{

namespace
{

std::string one_line(std::string text)
{
    while (text.ends_with('\n'))
        text.pop_back();
    std::ranges::replace(text, '\n', ' ');
    return printable(redacted(text), 1000);
}

bool is_fatal(std::string_view text)
{
    return text.starts_with("Fatal: ") || text.starts_with("panic: ") || text.starts_with("fatal error: ");
}

std::string where_the_password_is(const Repository &repository)
{
    const auto &password = repository.password;
    if (!password.command.empty())
        return "what " + password.command.front() + " prints";
    return password.credential.empty() ? password.file : "the credential " + password.credential;
}

std::string with_reason(const std::string &sentence, const Words &words)
{
    return words.reason().empty() ? sentence : sentence + ": " + one_line(words.reason());
}

/// Where its status 500 is all that a server says. No meaning of a cause: what rclone said before tells more.
std::string_view of_server(const Words &words)
{
    return words.reason().contains("Internal Server Error")
               ? "; the server failed, and only its own log says at what: has it space left?"
               : "";
}

/// With a meaning where there is one. The cause counts before restic's last sentence, which may only say that its ssh is gone.
std::string with_meaning(const std::string &sentence, const std::string &reason, const std::string &cause)
{
    for (const auto &words : {cause, reason})
        if (const auto meaning = meaning_of(words); !meaning.empty())
            return std::format("{}: {} ({})", sentence, meaning, one_line(words));
    const auto &words = reason.empty() ? cause : reason;
    return words.empty() ? sentence : sentence + ": " + one_line(words);
}

/// The words that with_meaning() goes by.
bool out_of_reach(const Words &words)
{
    return is_out_of_reach(meaning_of(words.cause()).empty() ? words.reason() : words.cause());
}

std::string explain_signal(const ChildEnd &end, const Words &words)
{
    if (end.stuck)
        return "restic cannot even be killed: does the kernel wait for a disk or a server that does not answer?";
    if (end.killed && end.interrupted)
        return "restic did not end when it was asked to, and was killed; if its lock stayed in the repository: restic unlock";
    if (end.killed)
        return "restic did not end in time and was killed";
    const auto *name = sigdescr_np(end.signal);
    const auto hint = end.signal == SIGKILL ? ", out of memory?" : "";
    return with_reason(std::format("restic was ended by signal {} ({}{})", end.signal, name ? name : "unknown", hint), words);
}

/// Of one that is called by its address alone there is no file, from which one could be made.
std::string advice_where_none_is(const Repository &repository)
{
    const bool has_file = repository.name != repository.location;
    return has_file && !was_there(repository) ? "; " + how_to_make(repository) : "";
}

std::string explain_status(const Repository &repository, const ChildEnd &end, const Words &words)
{
    const auto where = shown_location(repository);
    switch (end.status) {
    case exit_code::crashed:
        return with_reason("restic crashed", words);
    case exit_code::incomplete:
        return with_reason("restic could not read some files, and made no snapshot", words);
    case exit_code::no_repository:
        return explain_absence(repository) + advice_where_none_is(repository);
    case exit_code::locked:
        return with_reason(std::format("the repository {} is locked (when nothing works on it any more: restic unlock)", where),
                           words);
    case exit_code::wrong_password:
        return repository.password.empty()
                   ? std::format("the password for {} is wrong", where)
                   : std::format("the password for {} in {} is wrong", where, where_the_password_is(repository));
    case exit_code::interrupted:
        return with_reason("restic was interrupted, though nobody asked this run to stop", words);
    case 126: // setpriv(1): restic could not be executed
    case 127: // or setpriv itself could not do what we asked for
        return with_reason("restic could not be started with less privilege", words);
    default:
        if (meaning_of(words.reason()).empty() && meaning_of(words.cause()).empty())
            return with_reason(std::format("restic failed with exit status {}", end.status), words).append(of_server(words));
        return with_meaning("the repository " + where, words.reason(), words.cause());
    }
}

} // namespace

void Words::line(std::string_view text)
{
    if (const auto cause = cause_in(text); !cause.empty() && (meaning_of(cause_).empty() || !meaning_of(cause).empty()))
        cause_ = cause.substr(0, 4096); // what rclone said of it tells more than its status 500 afterwards
    else if (text.contains(") operation successful after ")) // restic's retries helped
        cause_.clear();
    const auto weight = is_fatal(text) ? Weight::fatal : Weight::text;
    if (weight > weight_ || (weight == weight_ && weight == Weight::text)) {
        weight_ = weight;
        reason_ = text.substr(0, 4096);
    }
}

void Words::last(std::string_view text)
{
    weight_ = Weight::last;
    reason_ = text.substr(0, 4096);
}

std::string shown_location(const Repository &repository)
{
    if (repository.location.empty())
        return "of the credential " + repository.location_from.credential;
    return printable(redacted_location(repository.location), 1000);
}

bool was_there(const Repository &repository)
{
    const auto record = read_repository_record({}, repository_instance_of(repository.name));
    const auto is_read = [](Clock::time_point part) { return part != Clock::time_point{}; };
    return record &&
           (record->recovery_key || record->last_success || record->damaged || std::ranges::any_of(record->parts_read, is_read));
}

std::string explain_absence(const Repository &repository)
{
    return std::format("there is no repository at {}{}", shown_location(repository),
                       repository.local_path().empty() ? "" : " (is its disk mounted?)");
}

std::string how_to_make(const Repository &repository)
{
    return "to make one there: igotchuu repository init " + printable(repository.name);
}

std::string explain(const Repository &repository, const ChildEnd &end, const Words &words)
{
    if (end.succeeded())
        return {};
    return end.signal != 0 ? explain_signal(end, words) : explain_status(repository, end, words);
}

std::string explain_silence(const Repository &repository, const Words &words)
{
    const auto where = shown_location(repository);
    const auto limit = repository.answer_timeout.count();
    if (words.cause().empty()) // restic's last sentence is about our asking it to end
        return std::format("the repository {} does not answer: nothing within {} s (the key answer-timeout)", where, limit);
    return with_meaning(std::format("the repository {} could not be opened within {} s (the key answer-timeout)", where, limit), {},
                        words.cause());
}

RepositoryResult judge_silence(const Repository &repository, const Words &words)
{
    const bool absent = repository.local_path().empty() && (words.cause().empty() || is_out_of_reach(words.cause()));
    return {.repository = repository.name,
            .outcome = absent ? Outcome::pending : Outcome::failed,
            .message = explain_silence(repository, words),
            .errors = words.errors()};
}

RepositoryResult judge(const Repository &repository, const ChildEnd &end, const Words &words)
{
    RepositoryResult result{
        .repository = repository.name,
        .outcome = Outcome::failed,
        .message = explain(repository, end, words),
        .errors = words.errors(),
        .summary = words.summary(),
    };
    const auto ended_well = end.succeeded() || (end.signal == 0 && end.status == exit_code::incomplete);
    if (ended_well && !words.summary().snapshot_id.empty()) {
        result.outcome = end.succeeded() && words.errors() == 0 ? Outcome::success : Outcome::partial;
        if (result.outcome == Outcome::partial)
            result.message = std::format("{} files could not be read", words.errors());
    } else if (end.interrupted) {
        result.outcome = Outcome::stopped;
        result.message = end.killed ? result.message : "stopped while restic was running";
    } else if (end.signal == 0 && end.status == exit_code::failed && repository.local_path().empty() && out_of_reach(words)) {
        result.outcome = Outcome::pending;
    } else if (end.succeeded()) {
        result.message =
            "restic made no snapshot, though it calls this a success (with --dry-run or --skip-if-unchanged it makes none)";
    }
    return result;
}

} // namespace igotchuu::restic
