#include <catch2/catch.hpp>

#include "job/definition.hpp"
#include "support/error.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;

JobDefinition read(const std::string& content, const std::string& name = "job.yml") {
  const TemporaryFolder folder;
  test::write_plain(folder / name, content);
  return read_job_file(folder / name);
}

/// The message without the folder of the file.
std::string complaint(const std::string& content, const std::string& name = "job.yml") {
  const Error problem = error_of([&] { read(content, name); });
  CHECK(problem.kind() == category::bad_input);
  const std::string message = problem.what();
  return message.substr(message.find(name)) + (problem.hint().empty() ? "" : " | " + problem.hint());
}

constexpr const char* kFull = R"(
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
type: command
name: run-1
display_name: Birds
description: transfer learning
tags: {team: vision, version: 2}
experiment_name: birds
compute: azureml:gpu-cluster
code: src/birds
command: >-
  python train.py
  --data ${{inputs.images}} --lr ${{ inputs.lr }}
  --out ${{outputs.model}}
inputs:
  images: {type: uri_folder, path: data/birds, mode: ro_mount}
  lr: 1e-3
  shuffle: true
  older: azureml:hymenoptera:1
outputs:
  model:
  report: {type: uri_file}
environment_variables: {EPOCHS: 3, NAME: "07"}
limits: {timeout: 3600, max_restarts: 3, queue_timeout: 2d}
queue_settings: {priority: high, after: [nightly-7, "cleanup:any"]}
resources: {instance_count: 2, slots: 2}
distribution: {type: pytorch, process_count_per_instance: 3}
)";

}  // namespace

TEST_CASE("a command job of Azure ML's schema is read with what it says", "[job]") {
  const TemporaryFolder folder;
  test::write_plain(folder / "job.yml", kFull);
  const JobDefinition job = read_job_file(folder / "job.yml");
  CHECK(job.name == "run-1");
  CHECK(job.display_name == "Birds");
  CHECK(job.description == "transfer learning");
  CHECK(job.tags == std::map<std::string, std::string>{{"team", "vision"}, {"version", "2"}});
  CHECK(job.experiment_name == "birds");
  CHECK(job.compute == "gpu-cluster");
  CHECK(job.command ==
        "python train.py --data ${{inputs.images}} --lr ${{ inputs.lr }} --out ${{outputs.model}}");
  CHECK(job.code == (folder / "src/birds").string());
  CHECK(job.inputs.at("images").type == "uri_folder");
  CHECK(job.inputs.at("images").value == (folder / "data/birds").string());
  CHECK(job.inputs.at("lr").type == "literal");
  CHECK(job.inputs.at("lr").value == "1e-3");
  CHECK(job.inputs.at("shuffle").value == "true");
  CHECK(job.inputs.at("older").type == "uri_folder");
  CHECK(job.inputs.at("older").value == "azureml:hymenoptera:1");
  CHECK(job.outputs.at("model").type == "uri_folder");
  CHECK(job.outputs.at("report").type == "uri_file");
  CHECK(job.environment_variables == std::map<std::string, std::string>{{"EPOCHS", "3"}, {"NAME", "07"}});
  CHECK(job.timeout == std::chrono::hours(1));
  CHECK(job.max_restarts == 3);
  CHECK(job.queue_timeout == std::chrono::hours(48));
  CHECK(job.priority == 75);
  CHECK(job.after == std::vector<Predecessor>{{"nightly-7", false}, {"cleanup", true}});
  CHECK(job.slots == 2);
}

TEST_CASE("a priority is a word of Azure ML's or a number, and the middle is where no one says", "[job]") {
  const auto priority = [](const std::string& text) {
    return read("command: x\nqueue_settings: {priority: " + text + "}\n").priority;
  };
  CHECK(priority("low") < priority("medium"));
  CHECK(priority("medium") < priority("high"));
  CHECK(priority("medium") == read("command: x\n").priority);
  CHECK(priority("0") == 0);
  CHECK(priority("100") == 100);
  CHECK(read("command: x\nqueue_settings: {after: nightly-7}\n").after ==
        std::vector<Predecessor>{{"nightly-7", false}});
}

TEST_CASE("the stored form of a job is the job", "[job]") {
  const JobDefinition job = read(kFull);
  const json stored = job;
  CHECK(stored.at("schema") == "amltrain.job/1");
  CHECK(json(parse_job(json::parse(stored.dump()))) == stored);
}

TEST_CASE("a stored job of another version is refused", "[job]") {
  CHECK(contains(error_of([] {
                   parse_job({{"schema", "amltrain.job/2"}, {"command", "true"}});
                 }).what(),
                 "amltrain.job/2"));
}

TEST_CASE("a file that ends in .json is JSON, with every escape of it", "[job]") {
  const JobDefinition job = read("{\"command\": \"echo \\u00e9\\/\", \"inputs\": {\"lr\": 0.1}}", "job.json");
  CHECK(job.command == "echo \xC3\xA9/");
  CHECK(job.inputs.at("lr").value == "0.1");
  CHECK(job.compute == "local");
  CHECK(contains(complaint("{\"command\": ", "job.json"), "job.json is not JSON at byte"));
  CHECK(complaint("{\"comand\": \"true\"}", "job.json") ==
        "job.json: comand is no field of a command job | did you mean 'command'?");
}

TEST_CASE("errors in a job file name the line and the field", "[job]") {
  CHECK(complaint("command: true\ninputs:\n  lr:\n") ==
        "job.yml:3: inputs.lr needs a value that is text or a number");
  CHECK(complaint("command: x\nexperiment: a\n").substr(0, 56) ==
        "job.yml:2: experiment is no field of a command job | kno");
  CHECK(complaint("command: x\ntgas: {}\n") ==
        "job.yml:2: tgas is no field of a command job | did you mean 'tags'?");
  CHECK(complaint("command: x\ninputs:\n  d: {type: uri_folder, pth: a}\n") ==
        "job.yml:3: inputs.d.pth is no field of a command job | did you mean 'path'?");
  CHECK(complaint("command: x\ninputs: 3\n") == "job.yml:2: inputs needs names with values");
  CHECK(complaint("command: [a]\n") == "job.yml:1: command needs a value that is text or a number");
  CHECK(complaint("command: x\nlimits: {max_restarts: -1}\n")
            .starts_with("job.yml:2: limits.max_restarts is -1"));
  CHECK(complaint("command: x\nlimits: {timeout: soon}\n").starts_with("job.yml:2: limits.timeout "));
  CHECK(complaint("command: x\nlimits: {timeout: 0}\n")
            .starts_with("job.yml:2: limits.timeout must be at least"));
  CHECK(complaint("command: x\nqueue_settings: {priority: urgent}\n") ==
        "job.yml:2: queue_settings.priority is 'urgent' | write low, medium or high, or a whole number from "
        "0 to 100");
  CHECK(complaint("command: x\nqueue_settings: {priority: 101}\n").starts_with("job.yml:2: queue_settings."));
  CHECK(complaint("command: x\nqueue_settings: {priority: -1}\n").starts_with("job.yml:2: queue_settings."));
  CHECK(complaint("command: x\nqueue_settings: {after: 'a:ever'}\n")
            .starts_with("job.yml:2: queue_settings.after is wrong: 'a:ever' names no run"));
  CHECK(complaint("command: x\nqueue_settings: {after: [{a: b}]}\n") ==
        "job.yml:2: queue_settings.after needs a run's id, or a list of them");
  CHECK(complaint("command: x\nresources: {slots: 0}\n") ==
        "job.yml:2: resources.slots is 0 | write a whole number from 1 to 250");
  CHECK(complaint("command: x\nresources: {instance_count: two}\n") ==
        "job.yml:2: resources.instance_count needs a whole number");
  CHECK(complaint("experiment_name: x\n") == "job.yml:1: the document has no command | add: command: ...");
  CHECK(complaint("command: '  '\n") == "job.yml:1: command is empty");
  CHECK(complaint("- command\n").starts_with("job.yml:1: the document is no job"));
  CHECK(complaint("command: x\ninputs:\n  1st: 3\n").starts_with("job.yml:3: inputs.1st needs a name"));
}

TEST_CASE("what can't be honoured is refused by name, with what to write", "[job]") {
  CHECK(complaint("type: sweep\ncommand: x\n") ==
        "job.yml:1: type is 'sweep', which is not honoured here | write one job of type command a trial");
  CHECK(complaint("type: comand\ncommand: x\n") ==
        "job.yml:1: type is 'comand', which is not honoured here | did you mean 'command'?");
  CHECK(complaint("command: x\nresources: {instance_count: 100000}\n")
            .starts_with("job.yml:2: resources.instance_count is 100000 | write a whole number"));
  CHECK(complaint("command: x\nresources: {instance_count: 0}\n")
            .starts_with("job.yml:2: resources.instance_count is 0 | write a whole number"));
  CHECK(complaint("command: x\ncode: git+https://host/a\n").starts_with("job.yml:2: code is 'git+https"));
  CHECK(complaint("command: x\ncode: azureml:code:1\n").starts_with("job.yml:2: code is 'azureml:code:1'"));
  CHECK(complaint("command: x\ndistribution: {type: ray}\n") ==
        "job.yml:2: distribution.type is 'ray', which is not honoured here | write pytorch or mpi");
  CHECK(complaint("command: x\ndistribution: {type: mpi}\n")
            .starts_with("job.yml:1: the document has distribution.type mpi without"));
  CHECK(complaint("command: x\ninputs:\n  d: {path: 'abfss://host/a.zip'}\n")
            .starts_with("job.yml:3: inputs.d.path is a URL that is not read here: abfss://"));
  CHECK(complaint("command: x\ninputs:\n  d: {type: mltable, path: a}\n")
            .starts_with("job.yml:3: inputs.d.type is 'mltable'"));
  CHECK(complaint("command: x\ninputs:\n  d: {type: uri_folder}\n") == "job.yml:3: inputs.d has no path");
  CHECK(complaint("command: x\ninputs:\n  d: {path: a, mode: mount}\n")
            .starts_with("job.yml:3: inputs.d.mode is 'mount', which is not honoured here | "));
  CHECK(complaint("command: x\nlimits.timeout: 3\n")
            .starts_with("job.yml:2: limits.timeout is no field of a command job"));
  CHECK(complaint("command: x\ninputs:\n  '*': {path: a}\n").starts_with("job.yml:3: inputs.* needs a name"));
}

TEST_CASE("what has no meaning here is accepted and changes nothing", "[job]") {
  const json plain = read("command: x\n");
  for (const char* field :
       {"environment: azureml:torch@latest", "environment: {image: a, name: b, build: {path: c}}",
        "services: {nested: {port: 1}}", "identity: {type: managed}", "resources: {shm_size: 2g}"})
    CHECK(json(read("command: x\n" + std::string(field) + "\n")) == plain);
}

TEST_CASE("a name of an environment means nothing, and what is no name is refused", "[job]") {
  const json plain = read("command: x\n");
  CHECK(json(read("command: x\nenvironment: local\n")) == plain);
  CHECK(json(read("command: x\nenvironment:\n")) == plain);
  CHECK(complaint("command: x\nenvironment: conda.yml\n") ==
        "job.yml:2: environment is 'conda.yml', which names no environment | write conda_file: FILE or "
        "requirements: [NAME==VERSION] below environment, or local for none");
  CHECK(complaint("command: x\nenvironment: [numpy]\n") ==
        "job.yml:2: environment needs a value that is text or a number");
}

TEST_CASE("a name that a run, an experiment or a compute target can't have is refused", "[job]") {
  for (const std::string field : {"name", "experiment_name", "compute"}) {
    CAPTURE(field);
    CHECK(complaint("command: x\n" + field + ": a/b\n")
              .starts_with("job.yml:2: " + field + " is 'a/b', which cannot be used | use 1 to 128 letters"));
  }
  CHECK(complaint("command: x\ncompute: 'azureml:..'\n").starts_with("job.yml:2: compute is '..'"));
  CHECK(json(read("command: x\nname: ''\n")) == json(read("command: x\n")));
}

TEST_CASE("models, modes and addresses of the web are kept as they are written", "[job]") {
  const JobDefinition job = read(
      "command: x\ninputs:\n  m: {type: custom_model, path: azureml:line:1, mode: download}\n"
      "  u: {type: uri_file, path: 'https://host/a.csv'}\n");
  CHECK(job.inputs.at("m").type == "custom_model");
  CHECK(job.inputs.at("m").value == "azureml:line:1");
  CHECK(job.inputs.at("m").mode == "download");
  CHECK(job.inputs.at("u").value == "https://host/a.csv");
  CHECK(json(parse_job(json(job))) == json(job));
}

TEST_CASE("text that is not one plain YAML document is refused with its line", "[job]") {
  CHECK(complaint("command: x\n  bad: [\n").starts_with("job.yml:2: not YAML"));
  CHECK(complaint("command: 'x\n").starts_with("job.yml:"));
  CHECK(complaint("command: x\ncommand: y\n") == "job.yml:2: 'command' is given twice");
  CHECK(complaint("command: x\n---\ncommand: y\n") == "job.yml holds more than one YAML document");
  CHECK(complaint(",command: x\nresources\n") ==
        "job.yml holds more than one YAML document");  // without an end
  CHECK(complaint("") == "job.yml is empty");
  CHECK(
      complaint("command: !!python/object:os.system x\n").find("the tag 'tag:yaml.org,2002:python/object") !=
      std::string::npos);
  CHECK(complaint("? [a]\n: b\n") == "job.yml:1: a key must be a name");
}

TEST_CASE("aliases can't blow a short file up", "[job]") {
  std::string bomb = "command: x\ntags:\n  a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int level = 1; level < 12; ++level) {
    const std::string name = "a" + std::to_string(level), below = "*a" + std::to_string(level - 1);
    bomb += "  " + name + ": &" + name + " [" + below;
    for (int copy = 1; copy < 10; ++copy) bomb += "," + below;
    bomb += "]\n";
  }
  CHECK(contains(complaint(bomb), "counted with its aliases"));
  CHECK(contains(complaint("command: x\ntags: &t {self: *t}\n"), "job.yml:"));
  CHECK(contains(complaint("command: x\ntags: " + std::string(5000, '[')), "job.yml:"));
}

TEST_CASE("the literals of a JSON file are as written, and no name is given twice", "[job]") {
  const std::string inputs =
      R"({"x": 1e3, "lr": 0.10, "long": 123456789012345678901234, "i": 7, "on": true})";
  const JobDefinition job = read(
      R"({"queue_settings": {"after": ["a"]}, "inputs": )" + inputs + R"(, "command": "x"})", "job.json");
  CHECK(job.inputs.at("x").value == "1e3");
  CHECK(job.inputs.at("lr").value == "0.10");
  CHECK(job.inputs.at("long").value == "123456789012345678901234");
  CHECK(job.inputs.at("i").value == "7");
  CHECK(job.inputs.at("on").value == "true");
  CHECK(complaint(R"({"command": "x", "tags": {"a": "b", "a": "c"}})", "job.json") ==
        "job.json: 'a' is given twice");
  CHECK(
      contains(complaint(R"({"command": "x", "limits": {"timeout": 1.5}})", "job.json"), "job.json: limits"));
}

TEST_CASE("a NUL is refused wherever it stands, with the field", "[job]") {
  CHECK(contains(complaint("command: \"echo a\\0; exit 3\"\n"), "job.yml:1: command holds a NUL"));
  CHECK(contains(complaint("command: x\nenvironment_variables: {A: \"\\0\"}\n"),
                 "job.yml:2: environment_variables.A holds a NUL"));
  CHECK(contains(complaint("command: x\ninputs:\n  d:\n    path: \"a\\x00b\"\n"),
                 "job.yml:4: inputs.d.path holds a NUL"));
  CHECK(contains(complaint("command: x\nqueue_settings: {after: [\"a\\0\"]}\n"), "after holds a NUL"));
  CHECK(contains(complaint("command: x\ntags: {\"a\\0b\": c}\n"),
                 "job.yml:2: tags has a name that holds a NUL"));
  CHECK(contains(complaint("command: x\ninputs: {\"a\\0b\": c}\n"), "inputs has a name that holds a NUL"));
  CHECK(contains(complaint("{\"command\": \"x\\u0000y\"}", "job.json"), "command holds a NUL"));
  const TemporaryFolder folder;
  test::write_plain(folder / "job.yml", "command: x\n");
  CHECK(contains(error_of([&] { read_job_file(folder / "job.yml", {"command=\"a\\0b\""}); }).what(),
                 "command holds a NUL"));
}

TEST_CASE("a job file that is not there is not found", "[job]") {
  CHECK(error_of([] { read_job_file("/nowhere/job.yml"); }).kind() == category::not_found);
}

}  // namespace amltrain
