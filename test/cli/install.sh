#!/usr/bin/env bash
# What `cmake --install` makes runs from any place: it is installed, moved, and trains from where it lies then.
#
#   install.sh BUILD_FOLDER

set -euo pipefail
build=$1
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  printf 'install: %s\n' "$*" >&2
  exit 1
}

cmake --install "$build" --prefix "$work/made" >/dev/null
mv "$work/made" "$work/moved"
moved=$work/moved
# No variable of this shell may help: only what lies in the folder, and the system's libraries.
amltrain() { env -i PATH=/usr/bin:/bin HOME="$work" "$moved/bin/amltrain" "$@"; }

amltrain --version | grep -Eq '^amltrain [0-9]+\.[0-9]+' || fail "--version says: $(amltrain --version)"

libraries=$(env -i ldd "$moved/lib/libamltrain_engine.so")
if grep -E 'not found' <<<"$libraries"; then fail "the engine lacks libraries"; fi
for name in libtorch_cpu.so libc10.so libcudart.so.13; do
  grep -F "$name => $moved/" <<<"$libraries" >/dev/null || fail "$name is not the installed one: $libraries"
done
for file in "$moved/bin/amltrain" "$moved/lib/libamltrain_engine.so"; do
  if readelf -d "$file" | grep -E '(RPATH|RUNPATH).*(\[|:)/'; then fail "$file has an absolute RPATH"; fi
done

grep -q '^\.TH' "$moved/share/man/man1/amltrain.1" || fail "no man page"
bash -c 'source "$1" && complete -p amltrain' _ "$moved/share/bash-completion/completions/amltrain" >/dev/null ||
  fail "bash gets no completion"
grep -q '^#compdef amltrain' "$moved/share/zsh/site-functions/_amltrain" || fail "zsh gets no completion"
grep -q 'complete -c amltrain' "$moved/share/fish/vendor_completions.d/amltrain.fish" || fail "fish gets no completion"

[[ -f $moved/lib/amltrain/python/azureml/core/run.py ]] || fail "scripts get no azureml.core"

cd "$work"
amltrain data sample images --train 8 --val 2 >/dev/null
amltrain train --data "$work/images" --num-epochs 1 --batch-size 8 --image-size 64 --resize-size 64 \
  --output-dir "$work/outputs"
[[ -s $work/outputs/model.pt ]] || fail "training left no model.pt"

# An engine of another build is refused, not misread. The binary carries the text; the engine may compare words of it.
interface=$(sha256sum "$source/lib/engine/api.hpp" | cut -d ' ' -f 1)
sed -i "s/$interface/$(tr 0-9a-f 1-9a-f0 <<<"$interface")/" "$moved/bin/amltrain"
status=0
amltrain train --data "$work/images" --num-epochs 1 >/dev/null 2>"$work/stderr" || status=$?
[[ $status == 7 ]] || fail "an engine of another build gives exit code $status"
grep -q 'is of another build than this amltrain' "$work/stderr" || fail "it says: $(<"$work/stderr")"
