// Paths as a job file writes them.
#pragma once

#include <string>
#include <string_view>

namespace amltrain {

/// azureml:NAME, azureml:NAME:VERSION, azureml:NAME@latest: something of the workspace.
bool is_data_reference(std::string_view path);

/// A URL of whatever scheme.
bool has_scheme(std::string_view path);

/// http:// or https://
bool is_web_address(std::string_view path);

/// The name of the file that a URL leads to; "file" when it says none that can be one.
std::string file_name_of_url(const std::string& url);

}  // namespace amltrain
