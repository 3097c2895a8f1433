#!/usr/bin/env bash
# A workspace is made once and found as git finds its own.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

# Outside of a workspace the error says how to make one.
mkdir outside
cd outside
fails 3 not_found amltrain workspace show
says "$err" "workspace init"
cd ..

# Made, with its folder's name unless another is given.
mkdir -p birds/deep/below
expect 0 amltrain workspace init birds
says "$err" "Created workspace birds"
says "$out" "$T/birds"
expect 0 amltrain workspace init birds --name other
says "$err" "Found existing workspace birds"
says "$err" "nothing was changed"
before=$(sha256sum birds/.amltrain/workspace.json)
expect 0 amltrain workspace init birds
same "$(sha256sum birds/.amltrain/workspace.json)" "$before"
expect 0 amltrain workspace init "$T/named" --name chosen --output json
is_empty "$err"
holds "$out" "d['schema'] == 'amltrain.workspace/1' and d['name'] == 'chosen' and d['root'].endswith('/named')"

# Upward from the current folder, then the variable, then the option.
cd birds/deep/below
expect 0 amltrain workspace show --output json
holds "$out" "d['name'] == 'birds' and d['counts']['runs'] == 0"
AMLTRAIN_WORKSPACE=$T/named expect 0 amltrain workspace show
says "$out" chosen
AMLTRAIN_WORKSPACE=$T/named expect 0 amltrain --workspace "$T/birds" workspace show
says "$out" birds
AMLTRAIN_WORKSPACE=$T/named expect 0 amltrain workspace show --workspace "$T/birds"
says "$out" birds
cd "$T"

# A named workspace that is not there is an error even inside of one.
cd birds
fails 3 not_found amltrain workspace show --workspace "$T/nowhere"
AMLTRAIN_WORKSPACE=$T/nowhere fails 3 not_found amltrain workspace show
says "$err" "$T/nowhere"

# A document that was changed is refused, and a later schema not guessed at.
sed -i 's|amltrain.workspace/1|amltrain.workspace/9|' .amltrain/workspace.json
fails 2 bad_input amltrain workspace show
says "$err" 'workspace.json is damaged'
python3 - <<'PYTHON'
import json
document = json.load(open(".amltrain/workspace.json"))
del document["document_sha256"]
json.dump(document, open(".amltrain/workspace.json", "w"))
PYTHON
fails 2 bad_input amltrain workspace show
says "$err" "amltrain.workspace/9"
