#!/usr/bin/env bash
# Makes hosts of this one machine: each a set of namespaces (network, names, mounts, processes, IPC) with a real sshd.
#   hosts_up.sh DIR HOST...      as root; ends with 77 and a word where it can't be done here
# DIR gets: on (on HOST COMMAND... runs it there, in the current folder), ssh_config (for ssh -F), HOST/pid.
# A cable is cut by `DIR/on switch ip link set HOST down`, a host's power by `kill -9 $(cat DIR/HOST/pid)`.
# The network is a bridge in a namespace of its own: nothing outside sees it, so any number of these can be up, but
# for Open MPI's folders in /tmp, which go by the host's name: give each call names of its own.
# shellcheck disable=SC2016
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
cannot() {
  echo "hosts can't be made here: $*" >&2
  exit 77
}
((EUID == 0)) || cannot "root is needed"
for tool in ip unshare nsenter sshd ssh ssh-keygen; do
  command -v $tool >/dev/null || cannot "there is no $tool (Debian: iproute2, util-linux, openssh-server, openssh-client)"
done
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
shift
trap '(($? == 0)) || "$here/hosts_down.sh" "$dir"' EXIT

# Process 1 of a host waits for orphans; with it all that runs in the host ends.
power_on() {
  mkdir -p "$dir/$1"
  unshare --net --mount --uts --ipc --pid --fork --kill-child --mount-proc \
    bash -c 'echo on >"$1"; while :; do sleep 1000 & wait $!; done' amltrain-test-host "$dir/$1/is" \
    </dev/null >"$dir/$1/log" 2>&1 &
  local unshare=$!
  for _ in {1..200}; do
    [[ ! -s $dir/$1/is ]] || break
    kill -0 $unshare 2>/dev/null || break
    sleep 0.02
  done
  [[ -s $dir/$1/is ]] || cannot "no namespaces: $(<"$dir/$1/log")"
  tr -d ' ' <"/proc/$unshare/task/$unshare/children" >"$dir/$1/pid"
}
within() { nsenter --target "$(<"$dir/$1/pid")" --mount --uts --ipc --net --pid -- "${@:2}"; }

cat >"$dir/on" <<ON
#!/bin/sh
host=\$1
shift
exec nsenter --target "\$(cat "$dir/\$host/pid")" --mount --uts --ipc --net --pid -- \\
  sh -c 'cd "\$0" && exec "\$@"' "\$PWD" "\$@"
ON
chmod +x "$dir/on"

ssh-keygen -q -t ed25519 -N '' -f "$dir/key"
cat >"$dir/ssh_config" <<CONFIG
Host *
  Port 2022
  User root
  IdentityFile $dir/key
  IdentitiesOnly yes
  UserKnownHostsFile $dir/known_hosts
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
CONFIG
echo "127.0.0.1 localhost" >"$dir/etc_hosts"
number=0
for host in "$@"; do
  mkdir -p "$dir/$host"
  ssh-keygen -q -t ed25519 -N '' -f "$dir/$host/key"
  address=10.91.0.$((++number))
  echo "$address $host" >>"$dir/etc_hosts"
  echo "[$host]:2022,[$address]:2022 $(cut -d' ' -f1,2 "$dir/$host/key.pub")" >>"$dir/known_hosts"
  cat >"$dir/$host/sshd_config" <<CONFIG
Port 2022
HostKey $dir/$host/key
AuthorizedKeysFile $dir/key.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
UseDNS no
StrictModes no
PidFile none
CONFIG
done

power_on switch
within switch ip link add bridge type bridge
within switch ip link set bridge up
number=0
for host in "$@"; do
  power_on "$host"
  within "$host" sh -ec '
    mount -t tmpfs none /run && mkdir -m 755 /run/sshd
    mount -t tmpfs none /dev/shm
    mount --bind "$2" /etc/hosts
    hostname "$1"
    ip link set lo up' sh "$host" "$dir/etc_hosts"
  nsenter --target "$(<"$dir/switch/pid")" --net \
    ip link add "$host" type veth peer name eth0 netns "$(<"$dir/$host/pid")"
  within switch ip link set "$host" master bridge up
  within "$host" ip address add "10.91.0.$((++number))/24" dev eth0
  within "$host" ip link set eth0 up
  within "$host" "$(command -v sshd)" -f "$dir/$host/sshd_config" -E "$dir/$host/sshd.log"
done
for host in "$@"; do
  for _ in {1..50}; do
    if "$dir/on" "$1" ssh -F "$dir/ssh_config" -o BatchMode=yes "$host" true </dev/null 2>"$dir/$host/log"; then
      continue 2
    fi
    sleep 0.1
  done
  cannot "ssh to $host: $(tail -n 1 "$dir/$host/log")"
done
