# shellcheck shell=bash disable=SC2016
# Sourced by the scripts beside it, which drive the built binary as a shell does. Each runs in a folder of its own,
# which is removed at the end after all its runs were ended.
#   $AMLTRAIN  the binary           $T  the folder           $out, $err  what the last `expect` wrote
set -euo pipefail

: "${AMLTRAIN:?path of the amltrain binary}"
T=$(mktemp -d)
out=$T/.stdout err=$T/.stderr
unset AMLTRAIN_WORKSPACE AMLTRAIN_METRICS
PATH=$(dirname "$AMLTRAIN"):$PATH
cd "$T"

leave() {
  local code=$? run
  if [[ -d $T/.amltrain ]]; then
    cd "$T"
    for run in $(amltrain runs list --state NotStarted,Queued,Preparing,Running,Finalizing,CancelRequested 2>/dev/null |
      sed -e 1d -e 's/ .*//'); do
      amltrain runs cancel "$run" >/dev/null 2>&1 || true
    done
  fi
  cd /
  rm -rf "$T"
  exit "$code"
}
trap leave EXIT

fail() {
  printf '%s:%s: %s\n' "$(basename "${BASH_SOURCE[-1]}")" "${BASH_LINENO[-2]}" "$*" >&2
  for stream in "$out" "$err"; do
    [[ ! -s $stream ]] || sed "s/^/  $(basename "$stream"): /" "$stream" >&2
  done
  exit 1
}

skip() {
  echo "skipped: $*"
  exit 77
}

# expect CODE COMMAND...: runs it and fails unless it exits with CODE.
expect() {
  local wanted=$1 code=0
  shift
  "$@" >"$out" 2>"$err" </dev/null || code=$?
  [[ $code == "$wanted" ]] || fail "'$*' exits with $code, not $wanted"
}

# says FILE TEXT: FILE holds TEXT (a fixed string).
says() { grep -qF -- "$2" "$1" || fail "no '$2' in $(basename "$1")"; }
says_not() { ! grep -qF -- "$2" "$1" || fail "'$2' in $(basename "$1")"; }
is_empty() { [[ ! -s $1 ]] || fail "$(basename "$1") is not empty"; }
same() { [[ $1 == "$2" ]] || fail "'$1' is not '$2'"; }

# json FILE EXPRESSION: the value of a Python expression over the document `d` in FILE.
json() { python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"; }
# holds FILE EXPRESSION: the expression is true of the document `d`.
holds() { [[ $(json "$1" "bool($2)" 2>&1) == True ]] || fail "not so: $2"; }

# fails CODE CATEGORY COMMAND...: an error of one or two lines in the project's style, and the same as JSON.
fails() {
  local code=$1 category=$2
  shift 2
  if [[ " $* " != *" --output json "* ]]; then
    expect "$code" "$@"
    is_empty "$out"
    # Notices may come before it.
    [[ $(tail -n 2 "$err" | grep -c '^amltrain: ') == 1 ]] || fail "'$*' does not end with one or two lines of error"
  fi
  expect "$code" "$@" --output json
  is_empty "$out"
  # In bash: a Python for each of a hundred errors would take longer than all the rest. json_test.sh parses them.
  local form='^\{"error":\{"category":"'$category'","message":"([^"]|\\")+","hint":"([^"]|\\")*"\}\}$'
  [[ $(<"$err") =~ $form ]] || fail "'$*' gives no JSON error of category $category"
}

# until_true SECONDS COMMAND...: tries until it succeeds.
until_true() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || fail "not within the time: $*"
    read -rt 0.05 <> <(:) || true
  done
}

# shell_job FILE COMMAND: a job file that runs a shell command.
shell_job() { printf 'command: >-\n  %s\n' "$2" >"$1"; }

# state RUN: as runs show tells it.
state() { amltrain runs show "$1" --output json | python3 -c 'import json, sys; print(json.load(sys.stdin)["state"])'; }
in_state() { [[ $(state "$1") == "$2" ]]; }

# wheel FOLDER NAME VERSION: a wheel (PEP 427) of a module that knows its version, made here: no index is asked.
wheel() {
  local made=$T/made-$2-$3 info=$2-$3.dist-info
  mkdir -p "$made/$info" "$1"
  echo "version = __version__ = '$3'" >"$made/$2.py"
  printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' "$2" "$3" >"$made/$info/METADATA"
  printf 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n' >"$made/$info/WHEEL"
  : >"$made/$info/RECORD"
  rm -f "$1/$2-$3-py3-none-any.whl"
  (cd "$made" && python3 -m zipfile -c "$1/$2-$3-py3-none-any.whl" "$2.py" "$info")
}
