// SPDX-License-Identifier: MIT
#include "job/programs.hpp"

#include "job/normal-path.hpp"

#include <algorithm>
#include <format>

namespace igotchuu
{

namespace
{

constexpr std::string_view letters_and_digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool has_only(std::string_view text, std::string_view others)
{
    return std::ranges::all_of(text, [&](char c) { return letters_and_digits.contains(c) || others.contains(c); });
}

enum class Units : bool { forbidden, allowed };

class Checker
{
public:
    Checker(const Values &values, const Values &defaults, const Job &job, std::vector<Diagnostic> &faults)
        : values_{values}, defaults_{defaults}, job_{job}, faults_{faults}
    {
    }

    /// A program has to be an absolute path: nobody can rely on the PATH of a unit.
    void program(std::string_view key, std::span<const Text> texts, Units units)
    {
        if (texts.empty())
            return;
        const auto &first = texts.front();
        const auto path = normal_path(first.text);
        if ((path && *path == first.text) || (units == Units::allowed && texts.size() == 1 && is_unit(std::span{&first.text, 1})))
            return;
        fault(first.place, std::format("{}: \"{}\" is not the absolute path of a program{}", key, first.text,
                                       units == Units::allowed ? ", nor, alone, the name of a unit (NAME.service)" : ""));
    }

    void prepare()
    {
        if (job_.prepare.empty())
            fault(values_.at("snapshot").place,
                  "snapshot: \"command\" needs the key \"prepare\": which program freezes the sources?");
        program("prepare", values_.at("prepare").texts, Units::allowed);
        program("cleanup", values_.at("cleanup").texts, Units::allowed);
        user("prepare-user");
        if (own("prepare-user") && is_unit(job_.prepare) && (job_.cleanup.empty() || is_unit(job_.cleanup)))
            fault(values_.at("prepare-user").place, "prepare-user: units have a User= of their own");
        prepared();
    }

    void hold()
    {
        const auto &held = values_.at("hold");
        for (const auto &one : held.programs)
            program("hold", one, Units::forbidden);
        user("hold-user");
        const bool live = !job_.sources.empty() && std::ranges::all_of(job_.sources, [&](const auto &source) {
            return std::ranges::contains(job_.live, source);
        });
        if (own("hold") && !held.programs.empty() && (job_.snapshot == SnapshotMethod::none || live))
            fault(held.place, "hold: this job takes no snapshot, so that there is no instant to hold something still for; "
                              "exec-before-snapshot runs before a backup of what is live");
        for (const std::string_view key : {"hold-user", "hold-timeout"})
            if (own(key) && held.programs.empty())
                fault(values_.at(key).place, std::format("{}: only a job with the key \"hold\" has a use for it", key));
    }

    void user(std::string_view key)
    {
        const auto &value = values_.at(key);
        if (!value.texts.empty() && !is_user(value.texts.front().text)) // a value of another kind is no text
            fault(value.place, std::format("{}: \"{}\" cannot be a user's name", key, value.texts.front().text));
    }

    void prepared()
    {
        const auto key = values_.find("prepared");
        if (key == values_.end()) {
            if (is_unit(job_.prepare))
                fault(values_.at("prepare").place,
                      "prepare: a unit prints nothing; the key \"prepared\" has to name the directories that it makes");
            return;
        }
        const auto wanted =
            std::ranges::count_if(job_.sources, [&](const auto &source) { return !std::ranges::contains(job_.live, source); });
        if (std::ssize(job_.prepared) != wanted && !job_.sources.empty()) // of an implicit job the source is not known yet
            fault(key->second.place,
                  std::format("prepared: needs one directory for each source that \"live\" does not name: {}, not {}", wanted,
                              job_.prepared.size()));
    }

    /// Where it stands in the job's own files it was meant to do something.
    void useless(std::string_view key)
    {
        if (own(key) && !(key == "prepare-timeout" && !job_.before_snapshot.empty()))
            fault(values_.at(key).place, std::format("{}: only a job with snapshot = \"command\" has a use for it", key));
    }

private:
    void fault(const Place &place, std::string message)
    {
        faults_.push_back((place.file.empty() ? Place{job_.file} : place).says(std::move(message)));
    }

    [[nodiscard]] bool own(std::string_view key) const
    {
        const auto value = values_.find(key), standard = defaults_.find(key);
        return value != values_.end() && (standard == defaults_.end() || standard->second.place.file != value->second.place.file);
    }

    const Values &values_, &defaults_;
    const Job &job_;
    std::vector<Diagnostic> &faults_;
};

} // namespace

bool is_user(std::string_view text)
{
    return !text.empty() && !text.starts_with('-') && has_only(text, "_.-");
}

bool is_unit(std::span<const std::string> program)
{
    return program.size() == 1 && program.front().ends_with(".service") && has_only(program.front(), ":-_.\\@") &&
           !program.front().starts_with('-');
}

void check_programs(const Values &values, const Values &defaults, const Job &job, std::vector<Diagnostic> &faults)
{
    Checker checker{values, defaults, job, faults};
    checker.program("exec-before-snapshot", values.at("exec-before-snapshot").texts, Units::forbidden);
    checker.hold();
    if (job.snapshot == SnapshotMethod::command)
        return checker.prepare();
    for (const std::string_view key : {"prepare", "cleanup", "prepared", "prepare-user", "prepare-timeout"})
        checker.useless(key);
}

} // namespace igotchuu
