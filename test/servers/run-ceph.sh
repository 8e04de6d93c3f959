#!/bin/bash
# Runs a program out of the directory that install-ceph.sh made, with the libraries beside it.
# usage: run-ceph.sh DIRECTORY PROGRAM [ARGUMENT…]
set -euo pipefail
root=$1 program=$2
shift 2
for ceph in "$root"/usr/lib/*-linux-gnu/ceph; do
  libs=$(dirname "$ceph")
  old=$root/lib/$(basename "$libs") # before Debian 13 the C library is in /lib
done
for loader in {"$libs","$old"}/ld-linux*.so.*; do
  [ ! -e "$loader" ] || break
done
exec "$loader" --library-path "$libs:$old:$libs/ceph" "$root/usr/bin/$program" "$@"
