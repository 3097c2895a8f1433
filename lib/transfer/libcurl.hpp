// libcurl's functions by the names that its manual gives them after curl_.
#pragma once

#include <curl/curl.h>

namespace amltrain {

/// Opened by the first call of libcurl(): it brings some forty libraries along, which take longer to load
/// than a command such as `runs show` takes to run.
struct LibCurl {
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_perform) easy_perform;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;
};

/// Started, as it wants to be once before any session. Throws environment.
const LibCurl& libcurl();

}  // namespace amltrain
