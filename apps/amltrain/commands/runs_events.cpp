// runs events
#include "../stop_signals.hpp"
#include "commands.hpp"
#include "history/event_feed.hpp"

namespace amltrain::cli {
namespace {

struct EventsOptions {
  std::string run;
  bool all = false, follow = false;
};

void print_events(const Context& context, EventFeed& feed) {
  for (const FedEvent& fed : feed.next()) {
    if (context.json_output()) {
      context.print_line(fed);
      continue;
    }
    context.out() << to_iso8601(fed.event.time) << "  " << fed.run << "  " << name_of(fed.event.state);
    if (!fed.event.reason.empty()) context.out() << "  " << fed.event.reason;
    context.out() << '\n' << std::flush;
  }
}

void show_events(Context& context, const EventsOptions& chosen) {
  if (chosen.all != chosen.run.empty())
    throw Error(category::bad_input, chosen.all ? "a run and --all are both given" : "no run is given",
                "name a run, or ask for all with --all");
  std::optional<RunId> only;
  if (!chosen.all) only = resolve_run(context.workspace(), chosen.run);
  EventFeed feed(context.workspace(), only);
  print_events(context, feed);
  if (!chosen.follow) return;
  const StopSignals signals;
  while (!feed.ended() && signals.received() == 0) {
    feed.wait(std::chrono::seconds(1));
    print_events(context, feed);
  }
  if (signals.received() == 0) return;
  context.report("interrupted", "interrupted; the runs go on", "");
  context.exit_code = 128 + signals.received();
}

}  // namespace

void add_runs_events(CLI::App& runs, Context& context) {
  auto* command =
      runs.add_subcommand("events", "Print what happened to a run, or to all: every state, as it came.");
  auto& options = options_of<EventsOptions>(
      *command, [&context](const EventsOptions& chosen) { show_events(context, chosen); });
  command->add_option("RUN", options.run, "Run id, or its beginning");
  command->add_flag("--all", options.all, "Of all runs of the workspace");
  command->add_flag("--follow", options.follow,
                    "Go on: until the run has ended, or with --all until a signal");
  command->footer(
      "Example: amltrain runs events --all --follow --output json | while read -r event; do ...; done");
}

}  // namespace amltrain::cli
