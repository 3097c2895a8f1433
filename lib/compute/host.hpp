// A host of a compute target of kind mpi, as it was when the target was made.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compute/inventory.hpp"
#include "support/json.hpp"

namespace amltrain {

struct Host {
  std::string name;              // for ssh and mpirun
  int slots = 0;                 // processes that a run can have on it
  std::string address;           // by which other hosts reach it
  bool here = false;             // it is the machine that reads this
  std::uint64_t free_bytes = 0;  // where the workspace is
  Inventory inventory;
};
void to_json(json& out, const Host& host);
Host parse_host(const json& in);

/// The hosts of those slots: this machine first, since mpirun counts it so, and rank 0 is on the first.
std::vector<Host> hosts_of_slots(const std::vector<Host>& hosts, const std::vector<int>& slots);

/// "n1 slots=2, n2 slots=4"
std::string describe(const std::vector<Host>& hosts);
/// "n1, n2"
std::string names_of(const std::vector<Host>& hosts);

}  // namespace amltrain
