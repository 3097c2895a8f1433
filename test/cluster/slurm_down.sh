#!/usr/bin/env bash
# Ends the Slurm that slurm_up.sh started in DIR, with the hosts that it runs on.
#   slurm_down.sh DIR
set -euo pipefail
exec bash "$(dirname "$0")/hosts_down.sh" "$1" # its daemons and jobs are processes of the hosts, its files below DIR
