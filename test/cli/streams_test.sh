#!/usr/bin/env bash
# Standard output carries the result and nothing else; a reader that leaves early is no error, a full disk is one.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

expect 0 amltrain workspace init --output json
is_empty "$err"
expect 0 amltrain compute create local
says "$err" "Creating a new compute target..."
says_not "$out" "Creating"
expect 0 amltrain compute create local --wait --timeout 10m
says "$err" "Found existing compute target"
holds <(amltrain compute show local --output json) "d['inventory']['cores'] >= 1 and d['inventory']['memory_bytes'] > 0"
fails 6 conflict amltrain compute create local --max-nodes 7

# An option given twice counts with its last value, before the command as after it.
expect 0 amltrain --output json workspace show --output text
says "$out" "Workspace"

# The reader leaves: quiet, and not an error message.
code=0
{ amltrain man || code=$?; } 2>"$err" | head -1 >/dev/null
is_empty "$err"
# Even when the parent ignores SIGPIPE.
python3 -c 'import signal, subprocess, sys
signal.signal(signal.SIGPIPE, signal.SIG_IGN)
sys.exit(subprocess.run("amltrain man | head -1 > /dev/null", shell=True, restore_signals=False).returncode)' 2>"$err"
is_empty "$err"

# The disk that takes the output is full.
code=0
amltrain workspace show >/dev/full 2>"$err" || code=$?
same "$code" 7
says "$err" "No space left"
