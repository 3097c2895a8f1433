// A workspace that lives as long as a test case.
#pragma once

#include <utility>

#include "compute/target.hpp"
#include "support/temporary_folder.hpp"
#include "workspace/workspace.hpp"

namespace amltrain::test {

struct TemporaryWorkspace {
  TemporaryFolder folder;
  Workspace workspace = Workspace::init(folder.path(), "test").workspace;
};

inline ComputeTarget wanted_target(std::string name, int max_nodes = 1) {
  ComputeTarget target;
  target.name = std::move(name);
  target.max_nodes = max_nodes;
  return target;
}

}  // namespace amltrain::test
