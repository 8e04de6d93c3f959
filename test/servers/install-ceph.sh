#!/bin/bash
# Unpacks Ceph RGW from a Debian suite, with every library it needs, into a directory of its own.
# Nothing is installed on the machine, and no root is needed: ceph.sh runs the programs in place.
# usage: install-ceph.sh SUITE DIRECTORY       (HAWSER_TEST_MIRROR: a Debian mirror to use)
set -euo pipefail
suite=$1 directory=$2

command -v flock >/dev/null || { echo "Ceph RGW needs flock" >&2; exit 1; }
mkdir -p "$(dirname "$directory")"
exec 9>"$directory.lock"
flock 9 # two runs at once: the second one finds the work done
[ ! -x "$directory/usr/bin/radosgw" ] || exit 0
echo "test servers: installing Ceph RGW from Debian $suite into $directory (about a minute, once)"

rm -rf "$directory".?????? # left by a run that was killed
work=$(mktemp -d "$directory.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$(dirname "$0")/unpack-debian.sh" "$suite" "$work/root" radosgw ceph-mon ceph-osd
"$(dirname "$0")/run-ceph.sh" "$work/root" radosgw --version >/dev/null
rm -rf "$directory"
mv "$work/root" "$directory"
