#!/bin/bash
# Runs a command until standard input closes, which happens however the caller ends; then kills the
# command's whole process group and removes its state directory.
# usage: supervise.sh STATE COMMAND [ARGUMENT…]
set -m # every job in a process group of its own
state=$1
shift
"$@" </dev/null &
command=$!
cat >/dev/null <&0 &
reader=$!
wait -n
{
  kill -KILL -- "-$command"
  kill "$reader"
  wait
} 2>/dev/null
# The daemons are no children of this shell, so it cannot wait for them; a zombie does no harm any more.
alive() { grep -qsE "\) [^Z] [0-9]+ $command " /proc/[0-9]*/stat; } # state, parent, group
while alive; do sleep 0.02; done
rm -rf "$state"
