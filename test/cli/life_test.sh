#!/usr/bin/env bash
# Waiting for runs, going on after a cut, exit codes of one's own, repeated submits, and failures explained.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
amltrain workspace init >/dev/null 2>&1
amltrain compute create wide --max-nodes 8 >/dev/null 2>&1
shell_job long.yml 'echo started; exec sleep 600'
shell_job seven.yml 'echo unlucky; exit 7'
shell_job well.yml 'echo well'
submit() { amltrain submit --quiet --compute wide --experiment life "$@"; }

# --any returns with the first end, --all (or nothing) with the last; the worst code, or the script's own.
long=$(submit --file long.yml)
seven=$(submit --file seven.yml)
expect 1 amltrain wait "$long" "$seven" --any --output json
holds "$out" "d['id'] == '$seven' and d['exit_code'] == 7"
expect 7 amltrain wait "$long" "$seven" --any --propagate-exit
well=$(submit --file well.yml)
expect 1 amltrain wait "$well" "$seven" --all
expect 7 amltrain wait "$well" "$seven" --propagate-exit
expect 0 amltrain wait "$well" --propagate-exit
expect 5 amltrain wait "$long" "$seven" --all --timeout 1 --propagate-exit
fails 2 bad_input amltrain wait "$long" --any --all
expect 7 amltrain submit --file seven.yml --compute wide --stream --propagate-exit
fails 2 bad_input amltrain submit --file seven.yml --propagate-exit
shell_job killed.yml 'kill -TERM $$'
expect 143 amltrain submit --file killed.yml --compute wide --stream --propagate-exit
expect 5 amltrain submit --file long.yml --compute wide --timeout 1 --stream --propagate-exit

# A watch that was cut says where to go on, and goes on there.
shell_job lines.yml 'for i in 1 2 3 4 5; do echo line $i; done; sleep 600'
lines=$(submit --file lines.yml)
amltrain wait "$lines" --show-output >/dev/null 2>watched &
watcher=$!
until_true 20 grep -q 'line 5' watched
kill -TERM "$watcher"
wait "$watcher" && fail "a wait that was ended says success"
says watched "amltrain wait $lines --show-output --from 6"
expect 5 amltrain wait "$lines" --show-output --from 4 --timeout 1
same "$(grep -c '^line' "$err")" 2
expect 0 amltrain runs logs "$lines" --from 3
same "$(cat "$out")" "$(printf 'line 3\nline 4\nline 5')"
expect 0 amltrain runs logs "$lines" --from 5 --output json
holds "$out" "d['number'] == 5 and d['rank'] == 0 and d['line'] == 'line 5'"
fails 2 bad_input amltrain wait "$lines" "$long" --show-output --from 4
fails 2 bad_input amltrain wait "$lines" --from 4

# Cancel: asked and returned, or returned when it is true.
expect 0 amltrain runs cancel "$lines" --no-wait
expect 4 amltrain wait "$lines"
expect 4 amltrain wait "$lines" --propagate-exit
fails 2 bad_input amltrain runs cancel "$long" --no-wait --timeout 5

# One run for a key, also from four shells at once; a notice, not a result, says that it was there.
key='night build/7'
first=$(submit --file well.yml --idempotency-key "$key")
expect 0 amltrain submit --file seven.yml --idempotency-key "$key"
says "$err" "$first was submitted before with this key"
for shell in 1 2 3 4; do submit --file well.yml --idempotency-key race >"key.$shell" & done
wait
same "$(sort -u key.?| wc -l)" 1
expect 0 amltrain submit --file well.yml --idempotency-key "$key" --stream
fails 2 bad_input amltrain submit --file well.yml --idempotency-key ''

# A failure is explained: where, how, the last words, the likely cause, and what to try.
shell_job full.yml 'for i in 1 2 3; do echo epoch $i; done; echo "OSError: [Errno 28] No space left on device" >&2; exit 1'
full=$(submit --file full.yml)
expect 1 amltrain wait "$full"
expect 0 amltrain runs show "$full" --output json
holds "$out" "d['failure']['stage'] == 'Running' and d['failure']['rank'] == 0 and d['failure']['code'] == 1"
holds "$out" "d['failure']['cause'] == 'disk_full' and 'room' in d['failure']['hint']"
holds "$out" "d['failure']['log'] == ['epoch 1', 'epoch 2', 'epoch 3', 'OSError: [Errno 28] No space left on device']"
expect 0 amltrain runs cancel "$long"
