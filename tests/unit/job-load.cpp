// SPDX-License-Identifier: MIT
#include "job/load.hpp"
#include "tests/unit/job-text.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <ctime>
#include <format>

using namespace igotchuu;
using namespace igotchuu::test;

TEST_CASE("a job file is the job that it describes")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/repositories/nas.toml", nas);
    root.write("/etc/igotchuu/repositories/usb.toml", "location = \"local:/mnt/usb disk/repo/\"\npassword-file = \"/etc/usb.key\"");
    root.write("/etc/igotchuu/jobs/TV Shows.toml", R"(
        description = "Films, 100% of them"
        sources = ["/srv/TV Shows/", "/srv/disk"]
        exclude = ["$RECYCLE.BIN", "/srv/*/.cache"]
        exclude-caches = true
        repositories = ["nas", "usb"]
        snapshot = "btrfs"
        nested-max = 0
        nested-read-only = true
        restic-args = ["--limit-upload", "1000"]
        keep = { weekly = 5, daily = 7, tags = ["a", "b,c"], within-hourly = "1y5m07d20h" }
        [timer]
        RandomizedDelaySec = 60
        OnCalendar = ["daily", "Sun 04:00"]
        Persistent = false
        [service]
        MemoryHigh = "1G"
        [unit]
        After = "network-online.target")");
    const auto job = load_job(root.search_path(), "TV\\x20Shows");
    CHECK(job.name == "TV Shows");
    CHECK(job.instance == "TV\\x20Shows");
    CHECK(job.file == "/etc/igotchuu/jobs/TV Shows.toml");
    CHECK(job.description == "Films, 100% of them");
    CHECK(job.sources == Strings{"/srv/TV Shows", "/srv/disk"});
    CHECK(job.exclude == Strings{"$RECYCLE.BIN", "/srv/*/.cache"});
    CHECK(job.exclude_caches);
    CHECK(job.snapshot == SnapshotMethod::btrfs);
    CHECK(job.nested_max == 0);
    CHECK(job.nested_read_only);
    CHECK(job.restic_args == Strings{"--limit-upload", "1000"});
    CHECK(job.keep ==
          std::vector<KeepRule>{{"daily", "7"}, {"weekly", "5"}, {"within-hourly", "1y5m07d20h"}, {"tag", "a"}, {"tag", "b,c"}});
    CHECK(job.timer ==
          std::vector<UnitSetting>{
              {"RandomizedDelaySec", "60"}, {"OnCalendar", "daily"}, {"OnCalendar", "Sun 04:00"}, {"Persistent", "no"}});
    CHECK(job.service == std::vector<UnitSetting>{{"MemoryHigh", "1G"}});
    CHECK(job.unit == std::vector<UnitSetting>{{"After", "network-online.target"}});
    CHECK(job.warnings.empty());
    REQUIRE(job.repositories.size() == 2);
    CHECK(job.repositories[0].name == "nas");
    CHECK(job.repositories[0].file == "/etc/igotchuu/repositories/nas.toml");
    CHECK(job.repositories[0].location == "sftp:backup@nas:/srv/restic");
    CHECK(job.repositories[0].password == Secret{.file = {}, .credential = "nas", .command = {}});
    CHECK(job.repositories[0].local_path().empty());
    CHECK(job.repositories[1].location == "local:/mnt/usb disk/repo");
    CHECK(job.repositories[1].local_path() == "/mnt/usb disk/repo");
    CHECK_FALSE(job.implicit());
}

TEST_CASE("a job without more words has the defaults of the schema and the embedded repository")
{
    const auto job = job_of(sound);
    CHECK(job.exclude.empty());
    CHECK_FALSE(job.exclude_caches);
    CHECK(job.snapshot == SnapshotMethod::automatic);
    CHECK(job.nested_max == 20'000);
    CHECK(job.full_every == std::chrono::days{7});
    CHECK_FALSE(job.nested_read_only);
    CHECK(job.keep.empty());
    CHECK(job.objective == std::chrono::hours{0});
    CHECK(job.prepare.empty());
    CHECK(job.prepare_user == "root");
    CHECK(job.prepare_timeout == std::chrono::minutes{5});
    CHECK(job.hold.empty());
    CHECK(job.hold_user == "root");
    CHECK(job.hold_timeout == std::chrono::minutes{1});
    REQUIRE(job.repositories.size() == 1);
    CHECK(job.repositories[0].embedded());
    CHECK(job.repositories[0].local_path() == "/var/lib/igotchuu/repository");
    CHECK(job.repositories[0].password.file == "/var/lib/igotchuu/repository.key");
}

TEST_CASE("drop-ins lie over their job, the job over the defaults; tables by key")
{
    const LittleRoot root;
    root.write("/usr/local/lib/igotchuu/defaults.toml",
               "exclude = [\"*.tmp\"]\nnested-max = 5\n[timer]\nOnCalendar = \"weekly\"\nPersistent = true\n");
    root.write("/etc/igotchuu/defaults.toml.d/x.toml", "exclude-caches = true\nservice.MemoryHigh = \"1G\"\n");
    root.write("/etc/igotchuu/jobs/a.toml", with("nested-max = 6\n[timer]\nOnCalendar = \"daily\"\n[service]\nNice = 5\n"));
    root.write("/run/igotchuu/jobs/a.toml.d/10.toml", "nested-max = 7\n");
    root.write("/etc/igotchuu/jobs/a.toml.d/20.toml", "nested-max = 8\nservice.Nice = 6\n");
    const auto job = load_job(root.search_path(), "a");
    CHECK(job.exclude == Strings{"*.tmp"});
    CHECK(job.exclude_caches);
    CHECK(job.nested_max == 8);
    CHECK(job.timer == std::vector<UnitSetting>{{"Persistent", "yes"}, {"OnCalendar", "daily"}});
    CHECK(job.service == std::vector<UnitSetting>{{"MemoryHigh", "1G"}, {"Nice", "6"}});
    CHECK(implicit_job(root.search_path()).nested_max == 5);
}

TEST_CASE("what is there without a file needs none for its drop-ins")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/defaults.toml.d/20-b.toml", "nested-max = 7\n");
    root.write("/run/igotchuu/defaults.toml.d/10-a.toml", "nested-max = 5\nexclude-caches = true\n");
    root.write("/etc/igotchuu/repositories/default.toml.d/nas.toml", nas);
    root.write("/etc/igotchuu/jobs/a.toml", sound);
    const auto job = load_job(root.search_path(), "a");
    CHECK(job.nested_max == 7);
    CHECK(job.exclude_caches);
    CHECK(job.repositories.at(0).location == "sftp:backup@nas:/srv/restic");
    root.link("/etc/igotchuu/defaults.toml", "/dev/null");
    CHECK_FALSE(load_job(root.search_path(), "a").exclude_caches);
}

TEST_CASE("an objective stands in the job, or for all jobs in the defaults, but for one that is not to have it")
{
    CHECK(job_of(with("objective-hours = 26")).objective == std::chrono::hours{26});
    const LittleRoot root;
    root.write("/etc/igotchuu/defaults.toml", "objective-hours = 48\n");
    root.write("/etc/igotchuu/jobs/a.toml", sound);
    root.write("/etc/igotchuu/jobs/b.toml", with("objective-hours = 3"));
    CHECK(load_job(root.search_path(), "a").objective == std::chrono::hours{48});
    CHECK(load_job(root.search_path(), "b").objective == std::chrono::hours{3});
    root.write("/etc/igotchuu/jobs/c.toml", with("objective-hours = 0"));
    CHECK(load_job(root.search_path(), "c").objective == std::chrono::hours{0});
}

TEST_CASE("a repository that is not there is named with the nearest one and where it was looked for")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/repositories/nas.toml", nas);
    root.write("/etc/igotchuu/jobs/a.toml", with("repositories = [\"nas\", \"nsa\"]"));
    const auto text = faults(root.search_path(), "a");
    CHECK(text.starts_with(
        "/etc/igotchuu/jobs/a.toml:2:24: repositories: there is no repository \"nsa\", did you mean \"nas\"?; looked for "
        "/etc/igotchuu/repositories/nsa.toml, /run/igotchuu/repositories/nsa.toml, "));
    CHECK(text.contains("/usr/local/lib/igotchuu/repositories/nsa.toml"));
    root.write("/etc/igotchuu/jobs/b.toml", with("repositories = [\"nas\", \"nas\"]"));
    CHECK(faults(root.search_path(), "b").contains("\"nas\" is listed twice"));
}

TEST_CASE("one file sends every job to another repository, and a mask leaves none")
{
    const LittleRoot root;
    root.write("/usr/local/lib/igotchuu/repositories/default.toml", nas);
    root.write("/etc/igotchuu/jobs/a.toml", sound);
    CHECK(load_job(root.search_path(), "a").repositories.at(0).location == "sftp:backup@nas:/srv/restic");
    CHECK(load_job(root.search_path(), "home").repositories.at(0).password.credential == "nas");
    root.link("/etc/igotchuu/repositories/default.toml", "/dev/null");
    CHECK(faults(root.search_path(), "a") == "/etc/igotchuu/jobs/a.toml: repositories: \"default\" is masked by "
                                             "/etc/igotchuu/repositories/default.toml, a link to /dev/null");
    CHECK(faults(root.search_path(), "home").contains("is masked by"));
}

TEST_CASE("a repository has a location and one password")
{
    const auto faults_of_repository = [](std::string_view text) {
        const LittleRoot root;
        root.write("/etc/igotchuu/repositories/default.toml", text);
        return faults(root.search_path(), "home");
    };
    const std::string location = "location = \"/srv/repo\"\n", file = "password-file = \"/etc/key\"\n",
                      credential = "password-credential = \"nas\"\n";
    CHECK(faults_of_repository(location + file).empty());
    CHECK(faults_of_repository(location + credential).empty());
    CHECK(faults_of_repository(location).contains("needs one of the keys"));
    CHECK(faults_of_repository(file).contains("needs one of the keys \"location\" and \"location-credential\""));
    CHECK(
        faults_of_repository(location + file + credential)
            .contains("default.toml:3:23: password-credential: there is another of \"password-file\", \"password-credential\" ("));
    CHECK(faults_of_repository(location + "password-credential = \"/run/x\"").contains("no credential's name"));
    CHECK(faults_of_repository(location + "password-credential = \"a*\"").contains("no credential's name"));
    CHECK(faults_of_repository(location + "password-file = \"key\"").contains("not an absolute path"));
    CHECK(faults_of_repository("location = \"backup/repo\"\n" + file).contains("neither an absolute path nor"));
    CHECK(faults_of_repository("location = \"local:repo\"\n" + file).contains("not an absolute path"));
    CHECK(faults_of_repository("location = \"/srv/../repo\"\n" + file).contains("not normalised"));
    for (const auto *const remote :
         {":webdav,url=https://nas,user=alice,pass=canary:laptop", ":webdav,pass='canary',url='https://nas/dav':laptop",
          "nas,bearer_token=canary:", ":s3,access_key_id=me,secret_access_key=canary:b", ":azureblob,key=canary:b",
          ":azureblob,sas_url='https://canary':b", "nas,key-pem=canary:x"}) {
        const auto said = faults_of_repository(std::format("location = \"rclone:{}\"\n{}", remote, file));
        CHECK(said.contains("default.toml:1:12: location: everybody could read the parameter \""));
        CHECK(said.contains("RCLONE_CONFIG"));
        CHECK_FALSE(said.contains("canary"));
    }
    for (const auto *const remote :
         {"nas:laptop", "nas:", ":sftp,host=nas,user=alice,key_file=/etc/key,key_use_agent=false:r", "nas:a,key=b",
          ":s3,env_auth=true,access_key_id=me:b", ":drive,client_id=me,token_url=https:x"})
        CHECK(faults_of_repository(std::format("location = \"rclone:{}\"\n{}", remote, file)).empty());
    CHECK(faults_of_repository(location + file + "sources = [\"/x\"]").contains("unknown key \"sources\""));
}

TEST_CASE("what a repository needs besides is named by where it is, and a fault in it by its key")
{
    const auto faults_with = [](std::string_view text) {
        const LittleRoot root;
        root.write("/etc/igotchuu/repositories/default.toml",
                   "location = \"sftp:nas:/r\"\npassword-credential = \"nas\"\n" + std::string{text});
        return faults(root.search_path(), "home");
    };
    const LittleRoot root;
    root.write("/etc/igotchuu/repositories/default.toml", R"(location-credential = "where"
password-command = ["/usr/bin/pass", "nas"]
password-command-user = "alice"
load-credential = ["key:/etc/keys/nas"]
limit-upload = 500
answer-timeout = 30
options = ["s3.bucket-lookup=path"]
[ssh]
identity-credential = "key"
known-hosts = "/etc/ssh/nas"
[environment]
AWS_ACCESS_KEY_ID.credential = "id"
RCLONE_CONFIG.path = "/etc/rclone.conf"
)");
    const auto repository = load_job(root.search_path(), "home").repositories.at(0);
    CHECK(repository.location.empty());
    CHECK(repository.local_path().empty());
    CHECK(repository.password.command == Strings{"/usr/bin/pass", "nas"});
    CHECK(repository.password_user == "alice");
    CHECK(repository.ssh_known_hosts.file == "/etc/ssh/nas");
    CHECK(repository.limit_upload == 500);
    CHECK(repository.answer_timeout == std::chrono::seconds{30});
    CHECK(repository.options == Strings{"s3.bucket-lookup=path"});
    CHECK(repository.environment == std::vector<Variable>{{"AWS_ACCESS_KEY_ID", VariableForm::credential, "id"},
                                                          {"RCLONE_CONFIG", VariableForm::path, "/etc/rclone.conf"}});
    CHECK(credentials_of(repository) == Strings{"where", "key", "id"});

    CHECK(faults_with("ssh = \"key\"").contains(":3:7: ssh: expected a table, found a text"));
    CHECK(faults_with("[ssh]\nidentiti = \"/x\"").contains(":4:1: unknown key \"ssh.identiti\"; did you mean \"ssh.identity\"?"));
    CHECK(faults_with("[ssh]\nidentity = \"key\"").contains("ssh.identity: "));
    CHECK(faults_with("[ssh]\nidentity = \"/k\"\nidentity-credential = \"k\"").contains("there is the key ssh.identity, too"));
    CHECK(faults_with("[environment]\nAWS_ACCESS_KEY_ID = \"secret\"")
              .contains(":4:21: environment.AWS_ACCESS_KEY_ID: where is its value? AWS_ACCESS_KEY_ID.credential = \"…\", or "));
    CHECK_FALSE(faults_with("[environment]\nAWS_ACCESS_KEY_ID = \"secret\"").contains("secret"));
    CHECK(faults_with("[environment]\nA.fiel = \"/x\"").contains("unknown key \"environment.A.fiel\"; did you mean \"file\"?"));
    CHECK(faults_with("[environment]\nA.file = \"x\"").contains("environment.A.file: "));
    CHECK(faults_with("[environment]\nA.credential = \"a/b\"").contains("no credential's name"));
    CHECK(faults_with("[environment]\n\"A B\".file = \"/x\"").contains("cannot be a variable's name"));
    for (const auto *const ours : {"PATH", "HOME", "LD_PRELOAD", "RESTIC_PASSWORD"})
        CHECK(faults_with(std::string{"[environment]\n"} + ours + ".file = \"/x\"").contains("igotchuu sets"));
    CHECK(faults_with("[environment]\nRESTIC_REST_USERNAME.file = \"/x\"\nRESTIC_REST_PASSWORD.credential = \"x\"").empty());
    CHECK(faults_with("load-credential = [\"/etc/key\"]").contains("is not NAME:PATH"));
    CHECK(faults_with("load-credential-encrypted = [\"key:etc\"]").contains("is not NAME:PATH"));
    CHECK(faults_with("answer-timeout = 9").contains("expected a whole number from 10 to 86400"));
    CHECK(faults_with("pack-size = 1").contains("expected a whole number from 4 to 128"));
    CHECK(faults_with("compression = \"zip\"").contains("compression: expected \"auto\""));
    CHECK(faults_with("password-command = [\"pass\"]").contains("needs the absolute path of a program"));
    CHECK(faults_with("location-credential = \"x\"").contains("location-credential: there is another of"));
}

TEST_CASE("two repositories with one credential's name and two places of it are a fault that names both")
{
    const auto faults_with = [](std::string_view a, std::string_view b, std::string_view of_job = "") {
        const LittleRoot root;
        const auto repository = [&](std::string_view name, std::string_view lines) {
            root.write(std::format("/etc/igotchuu/repositories/{}.toml", name),
                       std::format("location-credential = \"where\"\npassword-credential = \"{}\"\n{}", name, lines));
        };
        repository("a", a);
        repository("b", b);
        root.write("/etc/igotchuu/jobs/home.toml", std::format("sources = [\"/home\"]\nrepositories = [\"a\", \"b\"]\n{}", of_job));
        return faults(root.search_path(), "home");
    };
    constexpr auto from_a = "load-credential = [\"where:/etc/a/where\"]", from_b = "load-credential = [\"where:/etc/b/where\"]",
                   sealed = "load-credential-encrypted = [\"where:/etc/a/where\"]";
    CHECK(faults_with(from_a, from_b) ==
          "/etc/igotchuu/jobs/home.toml:2:16: repositories: the credential \"where\" is from /etc/a/where in "
          "/etc/igotchuu/repositories/a.toml, and from /etc/b/where in /etc/igotchuu/repositories/b.toml: give the two of them two "
          "names");
    CHECK(faults_with(from_a, "").contains("from the credential stores in /etc/igotchuu/repositories/b.toml"));
    CHECK(faults_with("", from_b).contains("from the credential stores in /etc/igotchuu/repositories/a.toml"));
    CHECK(faults_with(from_a, sealed).contains("from /etc/a/where (sealed) in /etc/igotchuu/repositories/b.toml"));
    CHECK(faults_with("[ssh]\nidentity-credential = \"x\"", "load-credential = [\"x:/x\"]").contains("\"x\""));
    CHECK(faults_with("environment.X.credential = \"x\"", "load-credential-encrypted = [\"x:/x\"]").contains("\"x\""));

    CHECK(faults_with("", "").empty());
    CHECK(faults_with(from_a, from_a).empty());
    CHECK(faults_with(sealed, sealed).empty());
    CHECK(faults_with("", "load-credential = [\"where:/etc/credstore/where\"]").empty());
    CHECK(faults_with("load-credential-encrypted = [\"where:/etc/credstore.encrypted/where\"]", "").empty());

    constexpr auto of_job = "[service]\nLoadCredential = \"where:{}\"";
    CHECK(faults_with(from_a, from_a, std::format(of_job, "/etc/other"))
              .contains("home.toml:3:1: service: the credential \"where\" is from /etc/a/where in "));
    CHECK(faults_with(from_a, from_a, std::format(of_job, "/etc/a/where")).empty());
    CHECK(faults_with("", "", std::format(of_job, "/etc/other")).empty()); // the job says for all of them where it is
    CHECK(faults_with(from_a, from_a, "[service]\nLoadCredential = \"other:/etc/other\"").empty());
}

TEST_CASE("without a file the job is the path that its instance spells; nothing guesses")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/jobs/srv-my\\x2ddata.toml", "sources = [\"/elsewhere\"]");
    const auto implicit = load_job(root.search_path(), "srv-my-data");
    CHECK(implicit.implicit());
    CHECK(implicit.sources == Strings{"/srv/my/data"});
    CHECK(implicit.instance == "srv-my-data");
    CHECK(load_job(root.search_path(), "srv-my\\x2ddata").sources == Strings{"/elsewhere"});
    CHECK(load_job(root.search_path(), "-").sources == Strings{"/"});
    CHECK(faults(root.search_path(), "a--b")
              .contains("there is no job \"a--b\", and the name spells no path; looked for /etc/igotchuu/jobs/a--b.toml"));
    CHECK(faults(root.search_path(), "TV Shows").contains("the instance of a job of that name is TV\\x20Shows"));
    CHECK(faults(root.search_path(), "a\nb").contains("control character"));
    CHECK(faults(root.search_path(), "").contains("needs a name"));
}

TEST_CASE("a masked job is no implicit one")
{
    const LittleRoot root;
    root.write("/usr/local/lib/igotchuu/jobs/home.toml", sound);
    root.link("/etc/igotchuu/jobs/home.toml", "/dev/null");
    CHECK(faults(root.search_path(), "home") == "/etc/igotchuu/jobs/home.toml: masks this job: it is a link to /dev/null");
}

TEST_CASE("two files of one instance are one failing job that names both")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/jobs/TV Shows.toml", sound);
    root.write("/etc/igotchuu/jobs/TV\\x20Shows.toml", sound);
    root.write("/etc/igotchuu/jobs/a\nb.toml", sound);
    root.write("/etc/igotchuu/jobs/bad.toml", "x = 1");
    root.write("/etc/igotchuu/jobs/good.toml", sound);
    const auto loaded = load_jobs(root.search_path());
    REQUIRE(loaded.jobs.size() == 3);
    CHECK(loaded.jobs[0].instance == "TV\\x20Shows");
    CHECK(loaded.jobs[0].files.size() == 2);
    REQUIRE_FALSE(loaded.jobs[0].job);
    CHECK(std::string{loaded.jobs[0].job.error().what()}.contains("/etc/igotchuu/jobs/TV Shows.toml: "));
    CHECK(std::string{loaded.jobs[0].job.error().what()}.contains("/etc/igotchuu/jobs/TV\\x20Shows.toml: "));
    CHECK(faults(root.search_path(), "TV\\x20Shows") == loaded.jobs[0].job.error().what());
    CHECK_FALSE(loaded.jobs[1].job);
    REQUIRE(loaded.jobs[2].job);
    CHECK(*loaded.jobs[2].job == load_job(root.search_path(), "good"));
    REQUIRE(loaded.nameless.size() == 1);
    CHECK(to_string(loaded.nameless[0]).starts_with("/etc/igotchuu/jobs/a\\x0ab.toml: "));
}

TEST_CASE("the digest changes with everything that a run depends on, and with nothing else")
{
    auto job = job_of(with("exclude = [\"a\", \"b\"]\n[timer]\nOnCalendar = \"daily\""));
    const auto before = digest(job);
    CHECK(before.size() == 16);
    CHECK(before.find_first_not_of("0123456789abcdef") == std::string::npos);
    const auto changes = [&](auto change) {
        auto other = job;
        change(other);
        CHECK(other != job);
        return digest(other) != before;
    };
    CHECK(changes([](Job &other) { other.sources = {"/x"}; }));
    CHECK(changes([](Job &other) { other.exclude = {"ab"}; }));
    CHECK(changes([](Job &other) { other.exclude = {"a"}, other.restic_args = {"b"}; }));
    CHECK(changes([](Job &other) { other.exclude_caches = true; }));
    CHECK(changes([](Job &other) { other.repositories[0].location = "sftp:x:y"; }));
    CHECK(changes([](Job &other) { other.repositories[0].file = "/etc/igotchuu/repositories/default.toml"; }));
    CHECK(changes([](Job &other) { other.repositories[0].password.file = "/x"; }));
    CHECK(changes([](Job &other) { other.repositories[0].password.credential = "x"; }));
    CHECK(changes([](Job &other) { other.repositories[0].environment = {{"A", VariableForm::file, "/x"}}; }));
    CHECK(changes([](Job &other) { other.repositories[0].load_credentials = {"a:/x"}; }));
    CHECK(changes([](Job &other) { other.repositories[0].load_encrypted_credentials = {"a:/x"}; }));
    CHECK(changes([](Job &other) { other.repositories[0].ssh_identity.file = "/x"; }));
    CHECK(changes([](Job &other) { other.repositories[0].ssh_known_hosts.credential = "x"; }));
    CHECK(changes([](Job &other) { other.repositories[0].pack_size = 64; }));
    CHECK(changes([](Job &other) { other.repositories.push_back(other.repositories[0]); }));
    CHECK(changes([](Job &other) { other.snapshot = SnapshotMethod::btrfs; }));
    CHECK(changes([](Job &other) { other.before_snapshot = {"/x"}; }));
    CHECK(changes([](Job &other) { other.hold = {{"/x"}}; }));
    CHECK(changes([](Job &other) { other.nested_max = 1; }));
    CHECK(changes([](Job &other) { other.nested_read_only = true; }));
    CHECK(changes([](Job &other) { other.restic_args = {""}; }));
    CHECK(changes([](Job &other) { other.full_every = std::chrono::days{0}; }));
    CHECK(changes([](Job &other) { other.keep = {{"daily", "7"}}; }));
    CHECK(changes([](Job &other) { other.objective = std::chrono::hours{26}; }));
    CHECK(changes([](Job &other) { other.timer[0].value = "weekly"; }));
    CHECK(changes([](Job &other) { std::swap(other.timer, other.service); }));
    CHECK(changes([](Job &other) { other.unit = {{"After", "x"}}; }));
    CHECK(changes([](Job &other) { other.file.clear(); }));
    CHECK_FALSE(changes([](Job &other) { other.description = "other words"; }));
    CHECK_FALSE(changes([](Job &other) { other.name = "b"; }));
    CHECK_FALSE(changes([](Job &other) { other.instance = "b"; }));
    CHECK_FALSE(changes([](Job &other) { other.file = "/run/igotchuu/jobs/a.toml"; }));

    job.snapshot = SnapshotMethod::command; // without it none of these is anything
    const auto commands = [&](auto change) {
        auto other = job;
        change(other);
        return digest(other) != digest(job);
    };
    CHECK(commands([](Job &other) { other.prepare = {"/x"}; }));
    CHECK(commands([](Job &other) { other.cleanup = {"/x"}; }));
    CHECK(commands([](Job &other) { other.prepared = {"/x"}; }));
    CHECK(commands([](Job &other) { other.prepare_user = "x"; }));
    CHECK(commands([](Job &other) { other.prepare_timeout += std::chrono::seconds{1}; }));

    job.hold = {{"/x", "y"}};
    CHECK(commands([](Job &other) { other.hold = {{"/x"}, {"y"}}; }));
    CHECK(commands([](Job &other) { other.hold_user = "x"; }));
    CHECK(commands([](Job &other) { other.hold_timeout += std::chrono::seconds{1}; }));

    auto split = job, other_split = job;
    split.exclude = {"ab", "c"};
    other_split.exclude = {"a", "bc"};
    CHECK(digest(split) != digest(other_split));

    const LittleRoot root;
    CHECK(digest(load_job(root.search_path(), "home")) == digest(implicit_job(root.search_path())));
    CHECK(digest(load_job(root.search_path(), "srv-x")) == digest(implicit_job(root.search_path())));
}

TEST_CASE("ten thousand jobs are loaded in a fraction of the second that the generator has")
{
#if defined __SANITIZE_ADDRESS__ || defined __clang__ // clang says it in another way, and builds nothing else here
    SKIP("the sanitizer is several times slower");
#endif
    const LittleRoot root;
    root.write("/etc/igotchuu/repositories/nas.toml", nas);
    root.write("/etc/igotchuu/defaults.toml", "exclude-caches = true\ntimer.Persistent = true\n");
    for (int i = 0; i < 10'000; ++i)
        root.write(std::format("/etc/igotchuu/jobs/job-{}.toml", i),
                   std::format("sources = [\"/srv/{}\"]\nrepositories = [\"nas\"]\n[timer]\nOnCalendar = \"daily\"\n", i));
    const auto start = std::clock(); // of the processor: the machine may have other work
    const auto loaded = load_jobs(root.search_path());
    const auto took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    REQUIRE(loaded.jobs.size() == 10'000);
    CHECK(std::ranges::all_of(loaded.jobs, [](const LoadedJob &job) { return job.job.has_value(); }));
    CHECK(took < 0.6);
}

TEST_CASE("every repository file is loaded, a broken one with its faults, and a drop-in may add the schedule")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/repositories/nas.toml",
               std::string{nas} + "[maintenance]\ncheck-subset = \"30%\"\nmax-unused = \"10G\"\nOnCalender = \"daily\"\n");
    root.write("/etc/igotchuu/repositories/nas.toml.d/when.toml", "[maintenance]\nOnCalendar = \"Sun\"\n");
    root.write("/etc/igotchuu/repositories/usb disk.toml", std::string{nas} + "maintenance = false\n");
    root.write("/etc/igotchuu/repositories/broken.toml", "location = 5\n");
    root.link("/etc/igotchuu/repositories/masked.toml", "/dev/null");

    const auto loaded = load_repositories(root.search_path());
    CHECK(loaded.nameless.empty());
    REQUIRE(loaded.repositories.size() == 3);
    const auto &broken = loaded.repositories[0], &sound = loaded.repositories[1], &unmaintained = loaded.repositories[2];
    CHECK(broken.instance == "broken");
    CHECK_FALSE(broken.repository);
    REQUIRE(sound.repository);
    CHECK(sound.repository->maintained);
    CHECK(sound.repository->maintenance == Maintenance{4, "10G", "", {{"OnCalender", "daily"}, {"OnCalendar", "Sun"}}});
    REQUIRE(sound.warnings.size() == 1);
    CHECK(sound.warnings.front().message.contains("did you mean \"OnCalendar\"?"));
    CHECK(unmaintained.instance == "usb\\x20disk");
    REQUIRE(unmaintained.repository);
    CHECK_FALSE(unmaintained.repository->maintained);

    CHECK(load_repository(root.search_path(), "nas") == *sound.repository);
    CHECK(load_repository(root.search_path(), "default").embedded());
    CHECK_THROWS_AS(load_repository(root.search_path(), "masked"), ConfigError);
    CHECK_THROWS_AS(load_repository(root.search_path(), "nowhere"), ConfigError);
    CHECK_THROWS_AS(load_repository(root.search_path(), "broken"), ConfigError);
}

TEST_CASE("two repository files with one instance are one fault that names both, and a job may use either")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/repositories/a b.toml", nas);
    root.write("/etc/igotchuu/repositories/a\\x20b.toml", nas);
    root.write("/etc/igotchuu/jobs/a.toml", with("repositories = [\"a b\"]"));
    const auto loaded = load_repositories(root.search_path());
    REQUIRE(loaded.repositories.size() == 1);
    REQUIRE_FALSE(loaded.repositories.front().repository);
    CHECK(std::string{loaded.repositories.front().repository.error().what()}.contains("igotchuu-maintenance@a\\x20b.service"));
    CHECK(faults(root.search_path(), "a").empty());
}

TEST_CASE("the digest of a repository follows what its maintenance depends on, and that of a job does not")
{
    const LittleRoot root;
    const auto digests = [&](std::string_view lines) {
        root.write("/etc/igotchuu/repositories/nas.toml", std::string{nas} + std::string{lines});
        root.write("/etc/igotchuu/jobs/a.toml", with("repositories = [\"nas\"]"));
        return std::pair{digest(load_repository(root.search_path(), "nas")), digest(load_job(root.search_path(), "a"))};
    };
    const auto before = digests("");
    for (const std::string_view line :
         {"maintenance = false", "[maintenance]\nOnCalendar = \"Sun\"", "[maintenance]\nmax-unused = \"0\"",
          "[maintenance]\nmax-repack-size = \"1G\"", "[maintenance]\ncheck-subset = \"6%\""}) {
        INFO(line);
        const auto after = digests(line);
        CHECK(after.first != before.first);
        CHECK(after.second == before.second);
    }
}
