#!/usr/bin/env bash
# Runs the tests of a binary that is linked with libtorch_cuda; exit code 77 means skipped.
#
#   run.sh BINARY
#
# After scripts/bootstrap --cuda-link the libraries that CUDA loads are not there; those of the reference
# environment, which has the same wheels, do as well.
set -euo pipefail
binary=$1
missing() { [[ $(ldd "$binary" 2>&1) == *'not found'* ]]; }
if missing && [[ -n ${AMLTRAIN_REFERENCE_PYTHON:-} ]]; then
  for folder in "$(dirname "$AMLTRAIN_REFERENCE_PYTHON")"/../lib/python3*/site-packages/torch/lib; do
    export LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  done
fi
if missing; then
  echo "no CUDA libraries (scripts/bootstrap --cuda): skipped"
  exit 77
fi
exec "$binary"
