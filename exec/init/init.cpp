// SPDX-License-Identifier: MIT
#include "exec/init/init.hpp"

#include "exec/credentials.hpp"
#include "exec/init/working-key.hpp"
#include "exec/lock.hpp"
#include "exec/restic/embedded.hpp"
#include "exec/restic/keys.hpp"
#include "exec/restic/verdict.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/mount-table.hpp"
#include "job/recovery-key.hpp"
#include "job/state-files.hpp"

#include <algorithm>
#include <filesystem>
#include <format>
#include <iostream>

namespace igotchuu
{

namespace
{

void say(const std::string &sentence)
{
    std::cerr << sentence << std::endl; // at once: what comes next may take its time
}

Lock take(const Repository &repository, LockKind kind)
{
    return Lock::take(lock_of(repository), kind,
                      std::format("a backup or a maintenance uses the repository {}", printable(repository.name)));
}

bool holds_a_file(const std::filesystem::path &directory)
{
    namespace fs = std::filesystem;
    std::error_code unknown;
    const auto all = fs::recursive_directory_iterator{directory, unknown};
    return std::ranges::any_of(all, [](const fs::directory_entry &entry) { return entry.is_regular_file(); });
}

/// Where restic would begin to make a repository over the rest of one, or in the place of a disk.
void refuse_wrong_place(const Repository &repository)
{
    namespace fs = std::filesystem;
    std::error_code unknown;
    const fs::path path = repository.local_path();
    if (path.empty() || fs::exists(path / "config", unknown))
        return;
    if (!fs::is_directory(path.parent_path(), unknown))
        throw Failure{std::format("cannot make the repository {}: the directory {} is not there (is its disk mounted?)",
                                  printable(path.native()), printable(path.parent_path().native()))};
    if (const auto place = unmounted_above(fs::weakly_canonical(path, unknown).native(), MountTable{}); !place.empty())
        throw Failure{std::format("cannot make the repository {}: nothing is mounted on {}, as fstab(5) has it; first: mount {}",
                                  printable(path.native()), printable(place), printable(place))};
    for (const auto *const part : {"data", "index", "keys", "snapshots"})
        if (holds_a_file(path / part))
            throw Failure{std::format(
                "{} is a damaged repository, or one whose making was cut: its file config is missing. Nothing is made over it: put "
                "the file back from a copy; or, where it never held a backup, remove it",
                printable(path.native()))};
}

/// Where a backup would go to an empty one from then on, though there is a full one.
void refuse_second(const Repository &repository, const std::string &instance)
{
    if (restic::was_there(repository))
        throw Failure{std::format("the repository {} was there before, and now there is none at {}: is its disk mounted? To begin "
                                  "anew all the same, first: rm {}/{}.json",
                                  printable(repository.name), restic::shown_location(repository),
                                  StateDirectories{}.repositories.native(), printable(instance))};
}

/// What every start of restic on one repository has in common here.
class Session
{
public:
    Session(const Repository &repository, const std::string &instance, const StopRequest &stop)
        : repository_{repository}, program_{"init:" + instance}, stop_{stop}
    {
    }
    [[nodiscard]] restic::Starter starter(const StopRequest &stop) { return {installation_, features_, stop, listener_, starts_}; }
    [[nodiscard]] restic::Starter starter() { return starter(stop_); }
    [[nodiscard]] restic::Access access() const { return {repository_, program_, installation_, stop_}; }
    [[nodiscard]] restic::Access access(const restic::Confidential &password) const
    {
        return {repository_, program_, installation_, stop_, password};
    }
    [[nodiscard]] WorkingKey working_key() const { return {repository_, program_, installation_.credentials_directory, stop_}; }
    [[nodiscard]] const Repository &repository() const noexcept { return repository_; }
    [[nodiscard]] const std::string &program() const noexcept { return program_; }

private:
    [[nodiscard]] restic::Installation installed() const
    {
        auto installation = restic::Installation::standard();
        installation.credentials_directory = credentials_.directory();
        return installation;
    }

    const Repository &repository_;
    std::string program_; ///< a backup may ask for the password at the same time
    const StopRequest &stop_;
    Credentials credentials_{{program_, std::span{&repository_, 1}}, stop_};
    restic::Installation installation_ = installed();
    restic::Features features_ = restic::features(stop_, installation_);
    restic::Listener listener_{[](const Progress &) {}, [](const std::string &line) { say(line); }, [](pid_t, int) {}};
    std::uint32_t starts_ = 0;
};

/// A key that was added, and goes again unless it is kept.
class AddedKey
{
public:
    AddedKey(Session &session, const restic::Access &access)
        : session_{session}, access_{access},
          id_{restic::add_key(session.starter(unstoppable_), access, text_, restic::recovery_user)}
    {
    }
    ~AddedKey()
    {
        if (kept_)
            return;
        try {
            restic::remove_key(session_.starter(unstoppable_), access_, id_);
        } catch (const std::exception &error) {
            say_left(error.what());
        }
    }
    AddedKey(const AddedKey &) = delete;
    AddedKey &operator=(const AddedKey &) = delete;

    void keep() noexcept { kept_ = true; }
    [[nodiscard]] const std::string &id() const noexcept { return id_; }
    [[nodiscard]] const restic::Confidential &text() const noexcept { return text_; }

private:
    void say_left(std::string_view why) const
    {
        say(std::format("igotchuu: a key that nobody has is left in the repository, and cannot be removed now: {}; to remove it: "
                        "restic key remove {}",
                        why, id_.substr(0, 8)));
    }

    Session &session_;
    const restic::Access &access_;
    StopRequest unstoppable_ = StopRequest::never(); ///< else nobody could tell whether there is a key
    restic::Confidential text_ = restic::new_recovery_key();
    std::string id_;
    bool kept_ = false;
};

/// By a restic of its own, which has nothing but the recovery key: it is this repository, and this is the key that opens it.
void prove(Session &session, const restic::Confidential &key, const std::string &id, const std::string &repository_id)
{
    const auto access = session.access(key);
    if (restic::repository_id(session.starter(), access) != repository_id)
        throw Failure{"the new recovery key opens another repository"};
    const auto all = restic::keys(session.starter(), access);
    if (const auto opens = std::ranges::find(all, true, &restic::Key::current); opens == all.end() || opens->id != id)
        throw Failure{"the repository was opened by another key than the new recovery key"};
}

/// The whole record is written anew: under the lock nobody else does.
void write_down(const Session &session, const std::string &instance, const RecoveryKey &key)
{
    auto record = read_repository_record({}, instance).value_or(RepositoryRecord{});
    record.repository = session.repository().name;
    record.file = session.repository().file;
    record.recovery_key = key;
    write({}, instance, record);
}

/// The story, as far as the repository is concerned: it is there, and what is its id?
class Initialisation
{
public:
    Initialisation(const Repository &repository, const std::string &instance, const StopRequest &stop)
        : repository_{repository}, instance_{instance}, recipient_{stop}, session_{repository, instance, stop}
    {
    }

    void run(RecoveryKeyChoice choice)
    {
        refuse_wrong_place(repository_);
        if (repository_.embedded())
            restic::make_embedded(session_.starter(), repository_, session_.program());
        auto working_key = session_.working_key();
        const auto access = working_key.is_published() ? session_.access() : session_.access(working_key.text());
        find_or_make(access, working_key);
        const auto older = restic::recovery_keys(restic::keys(session_.starter(), access));
        if (!older.empty() && choice == RecoveryKeyChoice::one && working_key.is_published())
            return there(older.back());
        make_recovery_key(access, working_key);
        remove(access, older);
        recipient_.say_kept();
        if (recipient_.hears_confirmation())
            confirmed();
    }

private:
    void find_or_make(const restic::Access &access, WorkingKey &working_key)
    try {
        auto id = restic::repository_id(session_.starter(), access);
        if (!id)
            refuse_second(repository_, instance_);
        made_ = !id;
        if (made_) {
            say(std::format("Making the repository {}", restic::shown_location(repository_)));
            const auto unstoppable = StopRequest::never(); // half a repository could be neither opened nor made
            id = restic::make_repository(session_.starter(unstoppable), access);
        }
        repository_id_ = id.value();
    } catch (const restic::WrongPassword &error) {
        if (working_key.is_published())
            throw Failure{std::format("{}; put the right one there. Nothing was changed", error.what())};
        const auto place = working_key.place();
        if (!working_key.is_left_over())
            working_key.drop();
        throw Failure{std::format("there is a repository at {} already, and its password is not there: put it where it should be, "
                                  "{}. Nothing was changed",
                                  restic::shown_location(repository_), place)};
    } catch (...) {
        if (!working_key.is_left_over() && !made_)
            working_key.drop(); // nothing was made with it
        throw;
    }

    /// restic tells when it was made by the clock on the wall, in no zone: it is the record that is to know when it was first seen here.
    void there(const restic::Key &key)
    {
        const auto record = read_repository_record({}, instance_);
        if (!record || !record->recovery_key || record->recovery_key->id != key.id)
            write_down(session_, instance_, {.id = key.id, .made = Clock::now()});
        recipient_.say_there(key.id, key.host, key.created);
    }

    void make_recovery_key(const restic::Access &access, WorkingKey &working_key)
    {
        if (!working_key.why_not_sealed().empty())
            say(std::format("Nothing can seal the working key on this machine ({}): it is a plain file that only root can read",
                            working_key.why_not_sealed()));
        say("Making a recovery key, and opening the repository with it");
        AddedKey added{session_, access};
        prove(session_, added.text(), added.id(), repository_id_);
        recipient_.hand_over({repository_, added.text().text(), added.id(), working_key.place(), made_});
        added.keep();
        key_ = {.id = added.id(), .made = Clock::now()};
        if (!working_key.is_published())
            working_key.publish();
        write_down(session_, instance_, key_);
    }

    void remove(const restic::Access &access, const std::vector<restic::Key> &older)
    {
        const auto unstoppable = StopRequest::never(); // the new one is in somebody's hands
        for (const auto &key : older)
            try {
                restic::remove_key(session_.starter(unstoppable), access, key.id);
            } catch (const std::exception &error) {
                say(std::format("igotchuu: the older recovery key of {} still opens the repository, since it cannot be removed: "
                                "{}; to try again: restic key "
                                "remove {}",
                                key.created, error.what(), key.id.substr(0, 8)));
            }
    }

    void confirmed()
    {
        key_.confirmed = Clock::now();
        write_down(session_, instance_, key_);
    }

    const Repository &repository_;
    const std::string &instance_;
    Recipient recipient_; // first: without one nothing is made
    Lock alone_ = take(repository_, LockKind::exclusive);
    Session session_;
    std::string repository_id_;
    bool made_ = false;
    RecoveryKey key_;
};

} // namespace

void init(const Repository &repository, const std::string &instance, RecoveryKeyChoice choice, const StopRequest &stop)
try {
    Initialisation{repository, instance, stop}.run(choice);
} catch (const std::exception &error) { // a Ctrl-C may meet restic before that has a process group of its own
    if (!stop.asked())
        throw;
    say(std::format("igotchuu: {}", error.what()));
    throw Cancelled{};
}

void confirm_recovery_key(const Repository &repository, const std::string &instance, std::string_view typed,
                          const StopRequest &stop)
{
    auto key = typed_recovery_key(typed);
    if (!key)
        throw Failure{"that is no recovery key: " + key.error()};
    const restic::Confidential password{*std::move(key)};
    const auto in_use = take(repository, LockKind::shared); // a maintenance would write its record over ours
    Session session{repository, instance, stop};
    const auto access = session.access(password);
    std::vector<restic::Key> all;
    try {
        all = restic::keys(session.starter(), access);
    } catch (const restic::WrongPassword &) {
        throw Failure{
            std::format("that key does not open the repository {}: is it of another repository, or replaced by a newer one?",
                        restic::shown_location(repository))};
    }
    const auto opens = std::ranges::find(all, true, &restic::Key::current);
    if (opens == all.end() || opens->user != restic::recovery_user)
        throw Failure{"that is not the recovery key, though it opens the repository"};
    const auto record = read_repository_record({}, instance);
    const auto now = Clock::now();
    const bool known = record && record->recovery_key && record->recovery_key->id == opens->id;
    write_down(session, instance, {.id = opens->id, .made = known ? record->recovery_key->made : now, .confirmed = now});
}

} // namespace igotchuu
