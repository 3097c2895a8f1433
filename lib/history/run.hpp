// The documents of a run. run.json is the definition and never rewritten; events.jsonl is what happened to
// it; summary.json is what came out (it can be rebuilt from metrics.jsonl and outputs/). See docs/store.md.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "history/git_state.hpp"
#include "history/metrics.hpp"
#include "history/resource_use.hpp"
#include "history/run_notes.hpp"
#include "history/state.hpp"
#include "support/clock.hpp"
#include "support/file_set.hpp"
#include "support/json.hpp"
#include "support/process.hpp"

namespace amltrain {

using RunId = std::string;  // EXPERIMENT_EPOCHSECONDS_8HEX

struct DataReference {
  std::string name;              // of the workspace's data, or the folder's path
  std::filesystem::path folder;  // as stored, relative to the run's folder when it lies there
  std::string fingerprint;       // "sha256:..."; empty until Preparing found it
};
void to_json(json& out, const DataReference& data);
DataReference parse_data_reference(const json& in);

/// schema amltrain.run/1
struct RunDefinition {
  RunId id;
  std::string experiment;
  std::string compute;
  std::string display_name;
  std::string description;
  std::map<std::string, std::string> tags;
  Time submitted_at;
  json job;  // the resolved job document (job/definition.hpp)
  std::optional<DataReference> data;
  std::optional<std::chrono::seconds> timeout;  // of the running time
  std::string snapshot;                         // SHA-256 of its source; empty: none
  RunId resumed_from;                           // the run whose training it goes on with; empty: none
  RunId reproduces;                             // the run that it is done again from; empty: none
  std::optional<GitState> git;                  // of its source, else of the folder it was submitted from
  std::string slurm_cluster;                    // that it is a job of; empty: none
};
void to_json(json& out, const RunDefinition& run);
RunDefinition parse_run_definition(const json& in);

/// Why a run failed, for people and scripts.
struct Failure {
  std::string stage;  // state in which it failed: "Preparing", "Running", ...
  std::optional<int> rank, signal, code;
  std::string category;  // of the machine contract: "run_failed", "environment", "timed_out", ...
  std::string message, hint;
  std::string cause;             // the likely one, of the table in docs/contract.md
  std::vector<std::string> log;  // last lines of the worker's
};
void to_json(json& out, const Failure& failure);
Failure parse_failure(const json& in);

/// One line of events.jsonl.
struct Event {
  Time time;
  State state = State::not_started;
  std::string reason;
  std::optional<ProcessIdentity> supervisor, worker;
  std::optional<int> exit_code;  // of the worker, when it has ended
  std::optional<Failure> failure;
  std::optional<std::string> data_fingerprint;
  std::string environment;              // SHA-256 of the one that its command is to have
  std::optional<int> restart;           // its number, when the worker was started again; `reason` says why
  std::string host;                     // that the supervisor is on
  std::string mark;                     // of the run's processes (leftovers.hpp)
  std::filesystem::path control_group;  // that they are in, where there is one
  std::string summary_sha256;           // of summary.json, in the last event of a run that has one
  std::string slurm_job;                // the id of its job
};
void to_json(json& out, const Event& event);
Event parse_event(const json& in);

/// schema amltrain.run-summary/1
struct RunSummary {
  MetricSummary metrics;
  std::vector<HashedFile> outputs;  // paths begin with "outputs/"
  std::optional<ResourceUse> resources;
  std::vector<HashedFile> records{};  // metrics.jsonl, conditions.json, and logs/ but for the supervisor's
};
void to_json(json& out, const RunSummary& summary);
RunSummary parse_run_summary(const json& in);

/// The worker was started again in the same run.
struct Restart {
  Time time;
  std::string reason;
};

/// The run as commands show it, settled: the field names of the machine contract.
struct RunRecord {
  RunDefinition definition;
  State state = State::not_started;
  std::string reason;
  std::optional<int> exit_code;
  std::optional<Time> started_at, ended_at;  // Running began; a terminal state was recorded
  bool damaged = false;          // its documents can't be read, and the rest says what little is known of it
  bool end_is_recorded = false;  // false too for an end that a reader told because nobody could record it
  std::optional<Failure> failure;
  std::optional<ProcessIdentity> supervisor, worker;
  std::string host, mark;  // these three are for settling and not shown
  std::filesystem::path control_group;
  std::string slurm_job;  // empty: none, or not known yet
  std::vector<Restart> restarts;
  std::vector<Note> notes;  // run_notes.hpp; its tags are among those of the definition
  bool archived = false;
  std::optional<int> queue_position;  // 1: next; filled in by whoever can read the queue
  RunSummary summary;                 // empty in lists that did not ask for it
  std::string environment;            // SHA-256; empty: none, or not known yet
  json conditions;  // schema amltrain.conditions/1; null before its worker started, and in lists
};
void to_json(json& out, const RunRecord& record);  // schema amltrain.run/1, fields as in docs/contract.md

/// Folds events into a record. Pure.
RunRecord fold(RunDefinition definition, const std::vector<Event>& events);

/// The exit code that `wait` gives for an ended run: 0 Completed, 4 Canceled, 5 timed out, 7 environment, 1
/// Failed.
int exit_code_of(const RunRecord& record);

}  // namespace amltrain
