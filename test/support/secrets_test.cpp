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
        "https://store/blob?sv=1&sig=abc%3D", "https://store/blob?sig=abc"}) {
    INFO(text);
    CHECK(holds_password(text));
  }
  for (const char* text :
       {"", "https://host/x@1", "https://host/?a=b@c", "git+ssh://git@host/x", "ssh://me@host/x",
        "https://${USER}:${TOKEN}@host/x", "https://$TOKEN@host/x", "https://me:@host", "a@b", "://",
        "https://store/?sig=", "https://store/?sig=${SAS}"}) {
    INFO(text);
    CHECK_FALSE(holds_password(text));
  }
}
