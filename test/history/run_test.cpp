#include "history/run.hpp"

#include <catch2/catch.hpp>

#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

RunDefinition definition() {
  RunDefinition run;
  run.id = "birds_1764000000_0011aabb";
  run.experiment = "birds";
  run.compute = "local";
  run.tags = {{"team", "ornithology"}};
  run.submitted_at = parse_iso8601("2026-11-24T09:30:00.123Z");
  run.job = {{"command", "amltrain train"}};
  run.data = DataReference{"hymenoptera", "/data/h", ""};
  run.timeout = std::chrono::minutes(20);
  return run;
}

Event event(State state, const std::string& time, const std::string& reason = "") {
  Event made;
  made.time = parse_iso8601("2026-11-24T" + time + "Z");
  made.state = state;
  made.reason = reason;
  return made;
}

RunRecord failed_with(const std::string& kind) {
  Event end = event(State::failed, "10:00:00", "bad");
  end.failure = Failure{"Running", 0, 9, {}, kind, "killed", "try again", "killed", {"epoch 1"}};
  return fold(definition(), {end});
}

}  // namespace

TEST_CASE("a definition survives its JSON", "[history]") {
  const json written = definition();
  CHECK(written["schema"] == "amltrain.run/1");
  CHECK(json(parse_run_definition(written)) == written);
  RunDefinition bare = definition();
  bare.data.reset();
  bare.timeout.reset();
  CHECK(json(parse_run_definition(json(bare))) == json(bare));
}

TEST_CASE("a run of another version or without a field is refused by name", "[history]") {
  json other = definition();
  other["schema"] = "amltrain.run/2";
  CHECK(contains(error_of([&] { parse_run_definition(other); }).what(), "amltrain.run/2"));
  json cut = definition();
  cut.erase("experiment");
  CHECK(contains(error_of([&] { parse_run_definition(cut); }).what(), "'experiment'"));
}

TEST_CASE("an event survives its JSON and leaves out what it does not know", "[history]") {
  Event full = event(State::failed, "10:00:00", "bad");
  full.supervisor = ProcessIdentity{10, 20, "boot"};
  full.worker = ProcessIdentity{11, 21, "boot"};
  full.exit_code = 3;
  full.failure = Failure{"Running", 1, 9, 137, "run_failed", "killed", "", "killed", {"epoch 1"}};
  full.data_fingerprint = "sha256:ab";
  full.host = "machine";
  full.mark = "0123456789abcdef";
  full.control_group = "/sys/fs/cgroup/amltrain-x";
  CHECK(json(parse_event(json(full))) == json(full));
  CHECK(json(event(State::queued, "10:00:00")).size() == 2);
}

TEST_CASE("events fold into what is known of the run", "[history]") {
  Event supervisor = event(State::queued, "09:30:01");
  supervisor.supervisor = ProcessIdentity{10, 20, "boot"};
  supervisor.host = "machine";
  supervisor.mark = "0123456789abcdef";
  Event prepared = event(State::preparing, "09:30:03");
  prepared.data_fingerprint = "sha256:ab";
  Event worker = event(State::running, "09:30:05");
  worker.worker = ProcessIdentity{11, 21, "boot"};
  Event end = event(State::completed, "09:40:00");
  end.exit_code = 0;
  const RunRecord record =
      fold(definition(),
           {event(State::not_started, "09:30:00"), supervisor, event(State::preparing, "09:30:02"), prepared,
            event(State::running, "09:30:04"), worker, event(State::finalizing, "09:39:00"), end});
  CHECK(record.state == State::completed);
  CHECK(to_iso8601(*record.started_at) == "2026-11-24T09:30:04.000Z");
  CHECK(to_iso8601(*record.ended_at) == "2026-11-24T09:40:00.000Z");
  CHECK(record.exit_code == 0);
  CHECK(record.supervisor->pid == 10);
  CHECK(record.host == "machine");
  CHECK(record.mark == "0123456789abcdef");
  CHECK(record.worker->pid == 11);
  CHECK(record.definition.data->fingerprint == "sha256:ab");
}

TEST_CASE("a reason belongs to its state", "[history]") {
  const RunRecord waiting = fold(
      definition(), {event(State::queued, "09:30:01", "waits for a slot"), event(State::queued, "09:30:02")});
  CHECK(waiting.reason == "waits for a slot");
  const RunRecord going = fold(definition(), {event(State::queued, "09:30:01", "waits for a slot"),
                                              event(State::preparing, "09:30:02")});
  CHECK(going.reason.empty());
  CHECK(fold(definition(), {}).state == State::not_started);
}

TEST_CASE("a record has the fields of the machine contract", "[history]") {
  RunRecord record = failed_with("run_failed");
  record.summary.metrics.last["val_acc"].value = 0.9;
  record.summary.outputs = {{"outputs/model.pt", 5, std::string(64, 'a')}};
  const json written = record;
  for (const char* name :
       {"id", "experiment", "compute", "state", "reason", "exit_code", "submitted_at", "started_at",
        "ended_at", "tags", "metrics", "best", "outputs", "failure", "data", "snapshot"}) {
    CAPTURE(name);
    CHECK(written.contains(name));
  }
  CHECK(written["schema"] == "amltrain.run/1");
  CHECK(written["state"] == "Failed");
  CHECK(written["started_at"].is_null());
  CHECK(written["metrics"] == json{{"val_acc", 0.9}});
  CHECK(written["outputs"][0]["bytes"] == 5);
  CHECK(written["failure"]["signal"] == 9);
  CHECK(written["failure"]["code"].is_null());
  CHECK(written["data"] == json{{"name", "hymenoptera"}, {"fingerprint", ""}});
}

TEST_CASE("how a run ended is an exit code of the contract", "[history]") {
  CHECK(exit_code_of(fold(definition(), {event(State::completed, "10:00:00")})) == 0);
  CHECK(exit_code_of(fold(definition(), {event(State::canceled, "10:00:00")})) == 4);
  CHECK(exit_code_of(fold(definition(), {event(State::failed, "10:00:00")})) == 1);
  CHECK(exit_code_of(failed_with("run_failed")) == 1);
  CHECK(exit_code_of(failed_with("timed_out")) == 5);
  CHECK(exit_code_of(failed_with("environment")) == 7);
  CHECK(exit_code_of(failed_with("bad_input")) == 1);
  CHECK_THROWS_AS(exit_code_of(fold(definition(), {event(State::running, "10:00:00")})), Error);
}

TEST_CASE("a run summary survives its JSON", "[history]") {
  RunSummary summary;
  summary.metrics.last["val_acc"].value = 0.9;
  summary.outputs = {{"outputs/model.pt", 5, std::string(64, 'a')}};
  const json written = summary;
  CHECK(written["schema"] == "amltrain.run-summary/1");
  CHECK(json(parse_run_summary(written)) == written);
}
