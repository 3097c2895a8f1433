#!/usr/bin/env bash
# Starts a real Slurm on hosts that hosts_up.sh made in DIR: the controller on the first, a node on each other.
#   slurm_up.sh DIR HEAD NODE...   as root; ends with 77 and a word where it can't be done here
# DIR gets: slurm/etc/slurm.conf, slurm/log; slurm_daemon HEAD|NODE NAME starts slurmctld or slurmd there again.
# There is no database and no control group; a node that says nothing for SLURMD_TIMEOUT seconds (5) is down, and a job
# that is told to end has KILL_WAIT (5) seconds for it.
# shellcheck disable=SC2016
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
cannot() {
  echo "no Slurm here: $*" >&2
  exit 77
}
((EUID == 0)) || cannot "root is needed"
for tool in munged munge slurmctld slurmd scontrol sinfo squeue sbatch scancel srun; do
  command -v $tool >/dev/null || cannot "there is no $tool (Debian: slurmctld slurmd slurm-client munge)"
done
dir=$(cd "$1" && pwd) head=$2
nodes=("${@:3}")
slurm=$dir/slurm
mkdir -p "$slurm/etc" "$slurm/state" "$slurm/log"
chmod 700 "$slurm" # munge keeps its key from others
(umask 077 && head -c 1024 /dev/urandom >"$slurm/munge.key")

address() { awk -v host="$1" '$2 == host { print $1 }' "$dir/etc_hosts"; }
{
  cat <<CONFIG
ClusterName=lab
SlurmctldHost=$head($(address "$head"))
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
StateSaveLocation=$slurm/state
SlurmdSpoolDir=/run/slurm
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmctldLogFile=$slurm/log/slurmctld
SlurmdLogFile=$slurm/log/slurmd.%n
MailProg=/bin/true
ReturnToService=2
SlurmdParameters=config_overrides
SlurmdTimeout=${SLURMD_TIMEOUT:-5}
KillWait=${KILL_WAIT:-5}
MessageTimeout=5
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
CONFIG
  for node in "${nodes[@]}"; do echo "NodeName=$node NodeAddr=$(address "$node") CPUs=2 RealMemory=1000"; done
  echo "PartitionName=main Nodes=ALL Default=YES State=UP PriorityTier=1"
  echo "PartitionName=urgent Nodes=ALL State=UP PriorityTier=2" # takes nodes from jobs of main, which are requeued
  echo "PartitionName=closed Nodes=ALL State=DOWN"
} >"$slurm/etc/slurm.conf"

cat >"$dir/slurm_daemon" <<DAEMON
#!/bin/sh
# slurm_daemon HOST slurmctld|slurmd
export PATH=\$PATH:/usr/sbin:/sbin
case \$2 in
  slurmd) exec "$dir/on" "\$1" slurmd -N "\$1" ;;
  *) exec "$dir/on" "\$1" "\$2" ;;
esac
DAEMON
cat >"$dir/slurm_host" <<HOST
#!/bin/sh -e
# slurm_host HOST: what HOST needs of its own once it is on
export PATH=\$PATH:/usr/sbin:/sbin
exec "$dir/on" "\$1" sh -ec '
  mkdir -p -m 755 /run/munge /run/slurm
  mount --bind "\$0/etc" /etc/slurm
  munged --key-file="\$0/munge.key" --socket=/run/munge/munge.socket.2 --pid-file=/run/munge/pid \\
    --seed-file=/run/munge/seed --log-file="\$0/log/munged.\$1"' "$slurm" "\$1"
HOST
chmod +x "$dir/slurm_daemon" "$dir/slurm_host"

mkdir -p /etc/slurm
for host in "$head" "${nodes[@]}"; do "$dir/slurm_host" "$host" || cannot "munge doesn't start on $host"; done
"$dir/slurm_daemon" "$head" slurmctld || cannot "slurmctld doesn't start: $(tail -n 1 "$slurm/log/slurmctld")"
for node in "${nodes[@]}"; do
  "$dir/slurm_daemon" "$node" slurmd || cannot "slurmd doesn't start on $node: $(tail -n 1 "$slurm/log/slurmd.$node")"
done
for _ in {1..150}; do
  idle=$("$dir/on" "$head" sinfo --noheader --Node --partition=main --states=idle --format=%n 2>/dev/null | wc -l)
  ((idle < ${#nodes[@]})) || exit 0
  sleep 0.1
done
cannot "the nodes don't come up: $("$dir/on" "$head" sinfo --noheader --Node --format='%n %T' 2>&1 | tr '\n' ';')"
