#!/usr/bin/env bash
# The terminal: closing it does not end a run; progress is rewritten in place there and nowhere else.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

command -v script >/dev/null || skip "no script(1) here"
amltrain workspace init >/dev/null 2>&1

# A shell in a terminal of its own submits a run and waits for it; then the terminal goes away.
shell_job job.yml 'read -r line < gate; echo "went on: $line"'
sed -i "s|gate|$T/gate|" job.yml
mkfifo gate
python3 - <<'PYTHON'
import os, pty, signal, sys
child, terminal = pty.fork()
if child == 0:
    os.execvp("bash", ["bash", "-c", "run=$(amltrain submit --quiet --file job.yml); echo $run > run; amltrain wait $run"])
text = b""
while b"Running" not in text:
    text += os.read(terminal, 4096)
os.close(terminal)  # the kernel sends SIGHUP to the session
_, status = os.waitpid(child, 0)
sys.exit(0 if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGHUP else f"the shell ended with {status}")
PYTHON
run=$(cat run)
in_state "$run" Running
timeout 10 bash -c 'echo still here > gate' || fail "nobody reads: the run is gone"
expect 0 amltrain wait "$run"
expect 0 amltrain runs logs "$run"
says "$out" "went on: still here"

# Lines of the trainer's progress replace each other on a terminal.
shell_job job.yml 'echo "epoch 0 train step 1, 9.0 images/s, ETA 1m 3s"; echo "epoch 0 train step 2, 9.0 images/s, ETA 1m 2s"; echo end'
run=$(amltrain submit --quiet --file job.yml)
expect 0 amltrain wait "$run"
script -qec "amltrain wait $run --show-output" /dev/null </dev/null >shown
grep -q $'step 1, .*\r\x1b\\[Kepoch 0 train step 2' shown || fail "progress is not rewritten in place"
expect 0 amltrain wait "$run" --show-output
says "$err" "step 1"
! grep -q $'[\r\x1b]' "$err" || fail "control characters outside of a terminal"
