#include "transfer/libcurl.hpp"

#include "support/shared_library.hpp"

namespace amltrain {
namespace {

LibCurl load() {
  const SharedLibrary library("libcurl.so.4", "libcurl4");
  LibCurl curl{};
  library.require(curl.easy_cleanup, "curl_easy_cleanup");
  library.require(curl.easy_getinfo, "curl_easy_getinfo");
  library.require(curl.easy_init, "curl_easy_init");
  library.require(curl.easy_perform, "curl_easy_perform");
  library.require(curl.easy_setopt, "curl_easy_setopt");
  library.require(curl.easy_strerror, "curl_easy_strerror");
  library.require(curl.slist_append, "curl_slist_append");
  library.require(curl.slist_free_all, "curl_slist_free_all");

  decltype(&::curl_global_init) start = nullptr;
  library.require(start, "curl_global_init");
  if (const CURLcode code = start(CURL_GLOBAL_DEFAULT); code != CURLE_OK)
    throw Error(category::environment, std::string("libcurl does not start: ") + curl.easy_strerror(code));
  return curl;
}

}  // namespace

const LibCurl& libcurl() {
  static const LibCurl curl = load();
  return curl;
}

}  // namespace amltrain
