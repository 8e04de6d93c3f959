#!/bin/bash
# One moto server with empty storage in memory, in the foreground; prints "ready moto" when it serves.
# usage: moto.sh DIRECTORY STATE PORT
set -euo pipefail
root=$1 state=$2 port=$3
for loader in "$root"/usr/lib/*-linux-gnu/ld-linux*.so.*; do :; done
cd "$state"
env -i PATH=/usr/bin:/bin PYTHONHOME="$root/usr" PYTHONNOUSERSITE=1 "$loader" --library-path "${loader%/*}" \
  "$root/usr/bin/python3" -m moto.server -H 127.0.0.1 -p "$port" >log 2>&1 </dev/null &
until (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
  kill -0 $! 2>/dev/null || { tail -n 3 log >&2; exit 1; }
  sleep 0.05
done
echo "ready moto"
wait
