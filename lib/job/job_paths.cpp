#include "job/job_paths.hpp"

#include <algorithm>

namespace amltrain {

bool has_scheme(std::string_view path) { return path.find("://") != std::string_view::npos; }

bool is_web_address(std::string_view path) {
  return path.starts_with("http://") || path.starts_with("https://");
}

bool is_data_reference(std::string_view path) { return path.starts_with("azureml:") && !has_scheme(path); }

std::string file_name_of_url(const std::string& url) {
  const std::string path = url.substr(0, url.find_first_of("?#"));
  const std::string name = path.substr(path.rfind('/') + 1);
  const auto is_plain = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  const bool good = !name.empty() && name.size() <= 128 && name.front() != '.' &&
                    path.find('/', path.find("://") + 3) != std::string::npos &&
                    std::all_of(name.begin(), name.end(), is_plain);
  return good ? name : "file";
}

}  // namespace amltrain
