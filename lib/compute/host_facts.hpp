// What a machine says of itself when it is asked to be a host: `amltrain host-facts` there prints it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "compute/inventory.hpp"
#include "support/clock.hpp"
#include "support/json.hpp"

namespace amltrain {

/// schema amltrain.host-facts/1
struct HostFacts {
  std::string program_sha256;  // of the program that answers
  std::string token;           // what the file of that name holds here; empty: it is not here
  Time time;
  std::uint64_t free_bytes = 0;  // for an unprivileged user, where that file is
  std::string open_mpi;          // what mpirun --version says; empty: mpirun or orted is not in PATH
  std::string address;           // of this machine, as it was asked by ssh; empty: it was not
  std::string asked_from;        // the address of the machine that did
  Inventory inventory;
};
void to_json(json& out, const HostFacts& facts);
HostFacts parse_host_facts(const json& in);

/// Of this machine. `token_file`: of the asking machine's making, in the workspace.
HostFacts take_host_facts(const std::filesystem::path& token_file);

/// "mpirun (Open MPI) 4.1.4"; empty where mpirun or orted is missing.
std::string open_mpi_version();

}  // namespace amltrain
