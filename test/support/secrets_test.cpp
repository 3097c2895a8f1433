#include "support/secrets.hpp"

#include <catch2/catch.hpp>

using namespace amltrain;

TEST_CASE("the name of a secret is told by its words", "[support]") {
  for (const char* name :
       {"TOKEN", "HF_TOKEN", "hf-token", "APIKEY", "WANDB_API_KEY", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD",
        "dbpassword", "PGPASSWD", "GOOGLE_APPLICATION_CREDENTIALS", "BLOB_SAS", "GITHUB_PAT", "MYSQL_PWD",
        "AZURE_STORAGE_CONNECTION_STRING", "ConnectionString"}) {
    INFO(name);
    CHECK(is_name_of_secret(name));
  }
  for (const char* name : {"", "PATH", "PWD", "OLDPWD", "MAX_TOKENS", "TOKENIZERS_PARALLELISM", "KEYBOARD",
                           "SASL_MODE", "CONNECTION", "STRING", "PATTERN", "PASSES", "EPOCHS"}) {
    INFO(name);
    CHECK_FALSE(is_name_of_secret(name));
  }
}

TEST_CASE("a URL with a password, a token or a signature is told from others", "[support]") {
  for (const char* text :
       {"https://me:hunter2@host/x", "https://ghp_abc@host/x.git", "--index-url https://:t@host",
        "git+https://token@host/x", "x https://a/b redis://:pw@h:6379/0",
        "https://store/blob?sv=1&sig=abc%3D", "https://store/blob?sig=abc", "?sv=1&sig=abc",
        "see https://bucket/x?X-Amz-Signature=abc", "https://host/x?access_token=abc",
        "https://a/simple,https://me:hunter2@b/simple", "tcp://a:1;tcp://me:pw@b:2", "https://me:a'b@host",
        "https://host/?a=1;token=abc"}) {
    INFO(text);
    CHECK(holds_password(text));
  }
  for (const char* text :
       {"", "https://host/x@1", "https://host/?a=b@c", "git+ssh://git@host/x", "ssh://me@host/x",
        "https://${USER}:${TOKEN}@host/x", "https://$TOKEN@host/x", "https://me:@host", "a@b", "://",
        "https://store/?sig=", "https://store/?sig=${SAS}", "https://host/?page=2&se=1", "https://***@host/x",
        "https://store/x?se=***&sig=***"}) {
    INFO(text);
    CHECK_FALSE(holds_password(text));
  }
}

TEST_CASE("a URL is shown without its secrets, and else as it is", "[support]") {
  const std::pair<const char*, const char*> shown[] = {
      {"https://me:hunter2@host/x?a=b", "https://***@host/x?a=b"},
      {"https://ghp_abc@host", "https://***@host"},
      {"https://me:it's<1>@host/x", "https://***@host/x"},
      {"https://me:$HUNTER2@host/x?sig=${SAS}&se=1", "https://***@host/x?sig=***&se=***"},
      {"https://host/x?a=1;token=abc;b=2", "https://host/x?a=1;token=***;b=2"},
      {"https://store/b.zip?sv=2022&se=2026-12-01&sr=b&sp=r&sig=a%2Bb%3D&page=2",
       "https://store/b.zip?sv=***&se=***&sr=***&sp=***&sig=***&page=2"},
      {"https://bucket/x?X-Amz-Date=1&X-Amz-Credential=c&X-Amz-Signature=s#part",
       "https://bucket/x?X-Amz-Date=***&X-Amz-Credential=***&X-Amz-Signature=***#part"},
      {"https://cdn/x?Expires=9&Signature=s&Key-Pair-Id=k",
       "https://cdn/x?Expires=***&Signature=***&Key-Pair-Id=***"},
      {"https://host/x?token=abc&flag&empty=", "https://host/x?token=***&flag&empty="}};
  for (const auto& [url, expected] : shown) {
    CHECK(without_secrets(url) == expected);
    CHECK(without_secrets(expected) == expected);
    CHECK(lacks_secrets(expected));
    CHECK_FALSE(lacks_secrets(url));
  }
  for (const char* url : {"", "x", "https://host", "https://host/?", "https://host/x?se=1&sp=2#sig=3",
                          "ssh://me@host/x", "https://host/a***b?glob=a***b", "file:///a?b"}) {
    CHECK(without_secrets(url) == url);
    CHECK_FALSE(lacks_secrets(url));
  }
}
