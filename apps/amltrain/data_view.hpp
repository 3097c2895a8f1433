// Data sets as text.
#pragma once

#include "context.hpp"
#include "dataset/dataset.hpp"

namespace amltrain::cli {

struct DataCounts {
  std::size_t classes = 0, train = 0, val = 0;  // images
};
/// From summarise() of image/folder.hpp.
DataCounts count(const json& summary);

void show_data(const Context& context, const DataSet& data);

}  // namespace amltrain::cli
