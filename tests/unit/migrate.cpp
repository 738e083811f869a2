// SPDX-License-Identifier: MIT
#include "cli/migrate/plan.hpp"
#include "job/load.hpp"
#include "tests/unit/little-root.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <format>
#include <iterator>

using namespace igotchuu;
using namespace igotchuu::migrate;

namespace
{

using Strings = std::vector<std::string>;
using Reader = void (*)(const Input &, Migration &);

struct Migrated {
    Plan plan;
    Strings faults, notes;

    [[nodiscard]] Strings places() const
    {
        Strings all;
        std::ranges::transform(plan, std::back_inserter(all), &PlannedFile::place);
        return all;
    }
    [[nodiscard]] const PlannedFile &at(std::string_view place) const
    {
        return *std::ranges::find(plan, place, &PlannedFile::place);
    }
};

Strings lines_of(const std::vector<Diagnostic> &diagnostics)
{
    Strings lines;
    std::ranges::transform(diagnostics, std::back_inserter(lines), [](const Diagnostic &one) { return to_string(one); });
    return lines;
}

Migrated migrated(Reader reader, const LittleRoot &root, const std::string &file, const std::string &text)
{
    const Input input{file, text};
    Migration migration;
    reader(input, migration);
    Migrated made{.plan = {}, .faults = {}, .notes = {}};
    if (migration.findings.faults.empty())
        made.plan = plan_of(migration, file);
    if (migration.findings.faults.empty())
        check(made.plan, root.search_path(), migration.findings);
    made.faults = lines_of(migration.findings.faults);
    made.notes = lines_of(migration.findings.warnings);
    return made;
}

Migrated migrated(Reader reader, const std::string &file, const std::string &text)
{
    return migrated(reader, LittleRoot{}, file, text);
}

/// Where the plan is in its place.
Job job_of(const Migrated &made, const std::string &name)
{
    const LittleRoot root;
    for (const auto &file : made.plan)
        root.write(file.place, file.text);
    return load_job(root.search_path(), name);
}

bool says(const Strings &lines, std::string_view what)
{
    return std::ranges::any_of(lines, [&](const std::string &line) { return line.contains(what); });
}

std::string all_of(const Strings &lines)
{
    std::string text;
    for (const auto &line : lines)
        text += line + '\n';
    return text;
}

const std::string original = R"(exec_before_snapshot = ["mount", "/dev/mapper/root", "/mnt", "-o", "subvol=5"]
snapshot_prefix = "/mnt/snapshots"
places = ["/home", "/var/lib/"]
restic_backup_args = ["--one-file-system", "--exclude-caches", "-e", "*.o", "--exclude-file=/etc/igotchuu/exclude.txt"]
restic_args = ["-o", "sftp.connections=3"]
repo = "sftp://nas.example.org/backups"
password_file = "/root/restic-password"
)";

} // namespace

TEST_CASE("the first igotchuu's configuration becomes a job and a repository that are sound")
{
    const auto made = migrated(from_igotchuu, "/etc/igotchuu.toml", original);
    INFO(all_of(made.faults));
    REQUIRE(made.faults.empty());
    CHECK(made.places() == Strings{"/etc/igotchuu/repositories/igotchuu.toml", "/etc/igotchuu/jobs/igotchuu.toml"});
    const auto job = job_of(made, "igotchuu");
    CHECK(job.sources == Strings{"/home", "/var/lib"});
    CHECK(job.live.empty());
    CHECK(job.exclude == Strings{"*.o"});
    CHECK(job.exclude_caches);
    CHECK(job.restic_args == Strings{"--exclude-file=/etc/igotchuu/exclude.txt"});
    CHECK(job.before_snapshot.front().ends_with("bin/mount"));
    CHECK(job.timer.empty());
    REQUIRE(job.repositories.size() == 1);
    CHECK(job.repositories[0].location == "sftp://nas.example.org/backups");
    CHECK(job.repositories[0].password.file == "/root/restic-password");
    CHECK(job.repositories[0].options == Strings{"sftp.connections=3"});
    CHECK(says(made.notes, "/etc/igotchuu.toml:2:1: snapshot_prefix: left out: "));
    CHECK(says(made.notes, "/etc/igotchuu.toml:4:23: --one-file-system: left out: "));
}

TEST_CASE("profiles become jobs; those that back up to the same place share its repository, and what they share alone is no job")
{
    const auto made = migrated(from_igotchuu, "/etc/igotchuu.toml", R"(
places = ["/home"]
password_command = "sh -c 'echo  \"a b\"'"
unheard_of = 1
[profiles.nas]
repo = "rest:http://nas/"
[profiles.photos]
repo = "rest:http://nas/"
places = ["/srv/photos", "/srv/raw"]
snapshot = ["/srv/photos", {source = "/other", snapshot_location = "/x"}]
[profiles.usb]
repository_file = "/root/nowhere"
restic_args = ["--password-file", "/root/usb"]
password_command = ""
)");
    CHECK(made.faults == Strings{"/etc/igotchuu.toml:14:20: the command that prints the password is empty"});

    const auto good = migrated(from_igotchuu, "/etc/igotchuu.toml", R"(
places = ["/home"]
unheard_of = 1
[profiles.nas]
repo = "rest:http://nas/"
password_command = "sh -c 'echo  \"a b\"'"
[profiles.photos]
repo = "rest:http://nas/"
password_command = "sh -c 'echo  \"a b\"'"
places = ["/srv/photos", "/srv/raw"]
snapshot = ["/srv/photos", {source = "/other", snapshot_location = "/x"}]
[profiles.usb]
repository_file = "/root/nowhere"
restic_args = ["--password-file", "/root/usb"]
)");
    INFO(all_of(good.faults));
    REQUIRE(good.faults.empty());
    CHECK(good.places() == Strings{"/etc/igotchuu/repositories/nas.toml", "/etc/igotchuu/repositories/usb.toml",
                                   "/etc/igotchuu/jobs/nas.toml", "/etc/igotchuu/jobs/photos.toml", "/etc/igotchuu/jobs/usb.toml"});
    const auto photos = job_of(good, "photos");
    CHECK(photos.sources == Strings{"/srv/photos", "/srv/raw"});
    CHECK(photos.live == Strings{"/srv/raw"});
    CHECK(photos.repositories[0].name == "nas");
    REQUIRE(photos.repositories[0].password.command.size() == 3);
    CHECK(photos.repositories[0].password.command[2] == "echo  \"a b\"");
    const auto usb = job_of(good, "usb");
    CHECK(usb.sources == Strings{"/home"});
    CHECK(usb.repositories[0].location_from.credential == "usb-location");
    CHECK(usb.repositories[0].load_credentials == Strings{"usb-location:/root/nowhere"});
    CHECK(usb.repositories[0].password.file == "/root/usb");
    CHECK(says(good.notes, "/etc/igotchuu.toml:3:1: unheard_of: left out: "));
    CHECK(says(good.notes, "/srv/raw is backed up live"));
    CHECK(says(good.notes, "left out: /other: "));
    CHECK(says(good.notes, "snapshot_location: left out: "));
}

TEST_CASE(
    "a profile that is no job's name, a place that is no path, an option that nobody knows: nothing is made, and the line is named")
{
    struct {
        std::string text;
        std::string_view fault;
    } const wrong[] = {
        {"places = [\"/home\"\nrepo = 1", "/etc/igotchuu.toml:2:"},
        {"places = 5", "/etc/igotchuu.toml:1:10: \"5\" cannot be a source"},
        {"places = true", "/etc/igotchuu.toml:1:1: places: texts are needed here"},
        {"places = [\"home\"]\nrepo = \"/r\"\npassword_file = \"/p\"", "/etc/igotchuu.toml:1:11: \"home\" cannot be a source"},
        {"repo = \"/r\"", "/etc/igotchuu.toml: igotchuu: nothing says where its repository's password is"},
        {"password_file = \"/p\"", "/etc/igotchuu.toml: igotchuu: nothing says where its repository is"},
        {"repo = \"/r\"\nrepository_file = \"/f\"\npassword_file = \"/p\"", "is named twice"},
        {"repo = \"rclone:nas,pass=not-this:r\"\npassword_file = \"/p\"", "the parameter \"pass\" of its repository"},
        {"repo = \"/r\"\npassword_file = \"p\"", ":2:17: --password-file: \"p\" is no absolute path"},
        {"repo = \"r\"\npassword_file = \"/p\"", "/etc/igotchuu/repositories/igotchuu.toml:2:12: location: "},
        {"repo = \"/r\"\npassword_command = \"no-such-program-at-all\"", ":2:20: there is no program no-such-program-at-all"},
        {"restic_backup_args = [\"--exclud=x\"]",
         ":1:23: --exclud: is no option of restic backup that igotchuu knows; did you mean \"--exclude\"?"},
        {"restic_backup_args = [\"-Z\"]", ":1:23: -Z: is no option"},
        {"restic_args = [\"-xr\"]", ":1:16: -xr: its value is missing"},
        {"restic_args = [\"--files-from=/x\"]", ":1:16: --files-from: "},
        {"[profiles.\"../../tmp/x\"]\nrepo = \"/r\"\npassword_file = \"/p\"", "/etc/igotchuu.toml: ../../tmp/x: "},
        {"[profiles]\nhome = 1", "/etc/igotchuu.toml:2:1: profiles.home: a table is needed here"},
        {std::string(40, '['), "/etc/igotchuu.toml:1:17: "},
    };
    for (const auto &[text, fault] : wrong) {
        const auto made = migrated(from_igotchuu, "/etc/igotchuu.toml", text);
        INFO(text << '\n' << all_of(made.faults));
        CHECK(says(made.faults, fault));
    }
}

TEST_CASE("what is there already is a fault, be it a job in another place")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/repositories/igotchuu.toml", "");
    root.write("/run/igotchuu/jobs/igotchuu.toml", "");
    const auto made = migrated(from_igotchuu, root, "/etc/igotchuu.toml", original);
    CHECK(says(made.faults, "/etc/igotchuu/repositories/igotchuu.toml: is there already"));
    CHECK(says(made.faults, "/etc/igotchuu/jobs/igotchuu.toml: would hide the job"));
    CHECK(std::ranges::distance(std::filesystem::directory_iterator{root.path() / "run"}) == 1); // what was checked there is gone
}

TEST_CASE("a secret goes to a file for root alone, and nowhere else")
{
    const LittleRoot root;
    const auto variables = root.write(
        "/etc/restic.env", "AWS_ACCESS_KEY_ID=key-id-secret\nAWS_SECRET_ACCESS_KEY='sec\"ret'\nRESTIC_PASSWORD=\"pass secret\"\n"
                           "RESTIC_REST_PASSWORD=rest-secret\n");
    const auto made = migrated(from_systemd_restic, root, "/etc/systemd/system/s3.service",
                               std::format(R"([Service]
EnvironmentFile={}
Environment=RESTIC_REPOSITORY=rest:https://me:url-secret@nas/ GOGC=20 RESTIC_PASSWORD=not-this-secret
ExecStart=restic backup /srv
)",
                                           variables.native()));
    INFO(all_of(made.faults));
    REQUIRE(made.faults.empty());
    CHECK(made.at("/etc/credstore/s3-password").text == "pass secret\n");
    CHECK(made.at("/etc/credstore/s3-location").text == "rest:https://me:url-secret@nas/\n");
    CHECK(made.at("/etc/credstore/s3-aws-secret-access-key").text == "sec\"ret\n");
    CHECK(made.at("/etc/credstore/s3-restic-rest-password").text == "rest-secret\n");
    for (const auto &file : made.plan)
        if (file.secret.empty())
            CHECK_FALSE(file.text.contains("secret\""));
        else {
            CHECK(file.mode == 0600);
            CHECK_FALSE(file.secret.contains("secret"));
        }
    CHECK_FALSE(says(made.notes, "-secret"));
    CHECK(says(made.notes, "GOGC: left out"));
    const auto repository = job_of(made, "s3").repositories.at(0);
    CHECK(repository.location_from.credential == "s3-location");
    CHECK(repository.password.credential == "s3-password");
    CHECK(repository.environment ==
          std::vector<Variable>{{"AWS_ACCESS_KEY_ID", VariableForm::credential, "s3-aws-access-key-id"},
                                {"AWS_SECRET_ACCESS_KEY", VariableForm::credential, "s3-aws-secret-access-key"},
                                {"RESTIC_REST_PASSWORD", VariableForm::credential, "s3-restic-rest-password"}});
}

TEST_CASE("a unit that runs restic becomes a job with its schedule, its rules and its limits")
{
    const LittleRoot root;
    root.write("/units/docs.timer", "[Unit]\nDescription=not of the job\n[Timer]\nOnCalendar=Mon 03:00\nOnCalendar=Thu "
                                    "03:00\nUnit=docs.service\n[Install]\nWantedBy=timers.target\n");
    const auto file = root.made("/units/docs.service").native();
    const auto made = migrated(from_systemd_restic, root, file, R"(# a comment
[Unit]
Description=Documents
OnFailure=mail@%n.service
[Service]
Type=oneshot
User=restic
Nice=19
Environment="DOCS=/srv/my docs" RESTIC_REPOSITORY=/mnt/usb 'RESTIC_PASSWORD_FILE=/etc/restic password'
ExecStartPre=-/usr/bin/restic unlock
ExecStart=@/usr/bin/restic restic -v backup --tag weekly \
    # in between
    --exclude "100%%\x2a" ${DOCS}
ExecStart=/usr/bin/restic forget -l 30 -w4 --keep-daily 7 --keep-within=1y --prune --host x
ExecStartPost=/bin/sh -c "curl https://ping"
)");
    INFO(all_of(made.faults));
    REQUIRE(made.faults.empty());
    const auto job = job_of(made, "docs");
    CHECK(job.description == "Documents");
    CHECK(job.sources == Strings{"/srv/my docs"});
    CHECK(job.exclude == Strings{"100%*"});
    CHECK(job.restic_args == Strings{"--tag=weekly"});
    CHECK(job.keep == std::vector<KeepRule>{{"last", "30"}, {"daily", "7"}, {"weekly", "4"}, {"within", "1y"}});
    CHECK(job.timer == std::vector<UnitSetting>{{"OnCalendar", "Mon 03:00"}, {"OnCalendar", "Thu 03:00"}});
    CHECK(job.service == std::vector<UnitSetting>{{"Nice", "19"}});
    CHECK(job.repositories[0].location == "/mnt/usb");
    CHECK(job.repositories[0].password.file == "/etc/restic password");
    for (const auto *const named : {":4:1: OnFailure=: left out", ":7:1: User=: left out", "restic unlock: left out",
                                    "--verbose: left out", "forget --prune: left out", "forget --host: left out",
                                    ":15:1: ExecStartPost=: left out: /bin/sh is not restic", "docs.timer:6:1: Unit=: left out"})
        CHECK(says(made.notes, named));
}

TEST_CASE("a command line comes before the environment, as in restic")
{
    const auto unit = migrated(from_systemd_restic, "/u/r.service",
                               "[Service]\nEnvironment=RESTIC_REPOSITORY=/old RESTIC_PASSWORD_FILE=/old.key\n"
                               "ExecStart=restic -r /new -p /new.key backup /a");
    CHECK(job_of(unit, "r").repositories[0].location == "/new");
    CHECK(job_of(unit, "r").repositories[0].password.file == "/new.key");
    const auto profile = migrated(
        from_resticprofile, "/p.json",
        R"({"a": {"repository": "/new", "password-file": "/k", "env": {"RESTIC_REPOSITORY": "/old"}, "backup": {"source": "/a"}}})");
    CHECK(job_of(profile, "a").repositories[0].location == "/new");
}

TEST_CASE("of a unit nothing is guessed")
{
    struct {
        std::string_view text, fault;
    } const wrong[] = {
        {"ExecStart=x", "/u/r.service:1:1: no unit begins so"},
        {"[Service]\nExecStart", "/u/r.service:2:1: is neither"},
        {"[Service]\nExecStart=/usr/bin/backup.sh", "/u/r.service: no ExecStart= of it is restic backup"},
        {"[Service]\nExecStart=restic backup %h", ":2:1: ExecStart=: the specifier %h "},
        {"[Service]\nExecStart=restic backup $DIRS", ":2:1: ExecStart=: the unit does not say what $DIRS is"},
        {"[Service]\nExecStart=restic backup \"/x", ":2:1: ExecStart=: a quote \" has no end"},
        {"[Service]\nExecStart=restic backup /a\\xff", ":2:1: ExecStart=: has control characters in it"},
        {"[Service]\nExecStart=restic backup /a\nExecStart=restic backup /b", ":3:1: ExecStart=: a second restic backup"},
        {"[Service]\nEnvironmentFile=/no/such/file\nExecStart=restic backup /a",
         ":2:1: EnvironmentFile=: there is no file /no/such/file"},
        {"[Service]\nExecStart=restic -r /r -p /p backup --files-from /list", ":2:1: --files-from: "},
        {"[Service]\nExecStart=restic -r /r -p /p backup", "r: nothing says what it backs up"},
    };
    for (const auto &[text, fault] : wrong) {
        const auto made = migrated(from_systemd_restic, "/u/r.service", std::string{text});
        INFO(text << '\n' << all_of(made.faults));
        CHECK(says(made.faults, fault));
    }
}

TEST_CASE("profiles of resticprofile become jobs with what they inherit")
{
    const auto made = migrated(from_resticprofile, "/etc/resticprofile/profiles.toml", R"(
version = "1"
[global]
initialize = true
[base]
repository = "local:/mnt/usb"
password-file = "key"
[base.env]
tmpdir = "/var/tmp"
[base.retention]
keep-daily = 7
after-backup = true
[docs]
inherit = "base"
limit-upload = 500
[docs.backup]
source = ["/srv/docs"]
exclude = ["*.o", "*.tmp"]
exclude-caches = true
one-file-system = false
tag = "docs"
schedule = ["Mon 03:00", "Thu 03:00"]
schedule-permission = "system"
run-before = "echo"
)");
    INFO(all_of(made.faults));
    REQUIRE(made.faults.empty());
    const auto job = job_of(made, "docs");
    CHECK(job.sources == Strings{"/srv/docs"});
    CHECK(job.exclude == Strings{"*.o", "*.tmp"});
    CHECK(job.exclude_caches);
    CHECK(job.restic_args == Strings{"--tag=docs"});
    CHECK(job.keep == std::vector<KeepRule>{{"daily", "7"}});
    CHECK(job.timer == std::vector<UnitSetting>{{"OnCalendar", "Mon 03:00"}, {"OnCalendar", "Thu 03:00"}});
    CHECK(job.repositories[0].location == "local:/mnt/usb");
    CHECK(job.repositories[0].password.file == "/etc/resticprofile/key");
    CHECK(job.repositories[0].limit_upload == 500);
    for (const auto *const named :
         {":3:2: global: left out", ":5:2: base: is no job", "TMPDIR: left out", "docs.retention.after-backup: left out",
          "docs.backup.schedule-permission: left out", "docs.backup.run-before: left out"})
        CHECK(says(made.notes, named));
    CHECK_FALSE(says(made.notes, "one-file-system"));

    const auto second = migrated(
        from_resticprofile, "/dev/stdin",
        R"({"version": "2", "profiles": {"a": {"repository": "/r", "password-command": "/usr/bin/cat /k", "backup": {"source": "/a", "dry": 1}}}})");
    INFO(all_of(second.faults));
    REQUIRE(second.faults.empty());
    CHECK(job_of(second, "a").repositories[0].password.command == Strings{"/usr/bin/cat", "/k"});
    CHECK(says(second.notes, "/dev/stdin: profiles.a.backup.dry: left out"));
}

TEST_CASE("a path that counts from a file counts from nowhere in a pipe")
{
    const auto made = migrated(from_resticprofile, "/dev/stdin",
                               R"({"a": {"repository": "/r", "password-file": "key", "backup": {"source": "/a"}}})");
    CHECK(says(made.faults, "\"key\" is no absolute path"));
}

TEST_CASE("what only resticprofile can read is refused, with what to do")
{
    struct {
        std::string file, text;
        std::string_view fault;
    } const wrong[] = {
        {"/p.yaml", "a: 1", "/p.yaml: is YAML, which igotchuu does not read; yq makes JSON of it"},
        {"/p.hcl", "", "/p.hcl: is HCL"},
        {"/p.toml", "[a]\nx = \"{{ .Now }}\"", "/p.toml: has templates"},
        {"/p.toml", "includes = [\"x\"]", "/p.toml:1:1: includes: other files"},
        {"/p.toml", "[a]\ninherit = \"a\"", "/p.toml:1:2: a: inherits from itself"},
        {"/p.toml", "[a]\ninherit = \"b\"", "/p.toml:1:2: a: inherits from a profile that is not"},
        {"/p.toml", "[a.backup]\nsource = [\"/home/*\"]", "/p.toml:2:11: \"/home/*\" cannot be a source"},
        {"/p.json", "{\n \"a\": {\n", "/p.json:3:"},
    };
    for (const auto &[file, text, fault] : wrong) {
        const auto made = migrated(from_resticprofile, file, text);
        INFO(text << '\n' << all_of(made.faults));
        CHECK(says(made.faults, fault));
    }
}

TEST_CASE("borgmatic's configuration becomes a job whose repository is to be named")
{
    const auto made = migrated(from_borgmatic, "/etc/borgmatic/config.json", R"({
        "location": {"source_directories": ["/home", "/etc"], "repositories": ["ssh://nas/./borg"], "exclude_caches": true,
                     "exclude_patterns": ["*.pyc", "sh:/home/*/.cache", "re:.*x", "/home/old", "tmp", "sh:**/junk", "sh:*.iso", "sh:*/.trash"], "exclude_if_present": [".nobackup"]},
        "retention": {"keep_daily": 7, "keep_within": "2w"},
        "storage": {"encryption_passphrase": "very-secret"},
        "postgresql_databases": [{"name": "all"}],
        "color": true})");
    INFO(all_of(made.faults));
    REQUIRE(made.faults.empty());
    CHECK(made.places() == Strings{"/etc/igotchuu/jobs/config.toml"});
    const auto job = job_of(made, "config");
    CHECK(job.sources == Strings{"/home", "/etc"});
    CHECK(job.exclude ==
          Strings{"*.pyc", "/home/*/.cache", "/home/old", "/tmp", "**/junk", "/*.iso", "/*/.trash"}); // borg's "tmp" is /tmp
    CHECK(job.restic_args == Strings{"--exclude-if-present=.nobackup"});
    CHECK(job.keep == std::vector<KeepRule>{{"daily", "7"}, {"within", "14d"}});
    CHECK(job.repositories[0].embedded());
    for (const auto *const named :
         {"repositories: left out: borg's format is not restic's", "\"re:.*x\": left out", "\"*.pyc\": to be known",
          "encryption_passphrase: left out", "postgresql_databases: left out: the key hold", "color: left out"})
        CHECK(says(made.notes, named));
    CHECK_FALSE(says(made.notes, "very-secret"));
    CHECK_FALSE(made.plan.front().text.contains("very-secret"));
    CHECK(says(migrated(from_borgmatic, "/c.yaml", "source_directories:\n  - /home").faults,
               "/c.yaml: is no JSON, and igotchuu does not read YAML"));
    CHECK(says(migrated(from_borgmatic, "/c.json", R"({"source_directories": ["/home/*"]})").faults, "is a pattern"));
    CHECK(says(migrated(from_borgmatic, "/c.json", "{}").faults, "c: nothing says what it backs up"));
}
