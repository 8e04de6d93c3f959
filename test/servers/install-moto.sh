#!/bin/bash
# Unpacks moto, a simulation of AWS with archives of its own, and its Python from a Debian suite, with every library they
# need, into a directory of their own. Nothing is installed on the machine.
# usage: install-moto.sh [SUITE [DIRECTORY]]       (HAWSER_TEST_MIRROR: a Debian mirror to use)
set -euo pipefail
suite=${1:-sid} directory=${2:-${XDG_CACHE_HOME:-$HOME/.cache}/hawser-test/moto-${1:-sid}}

command -v flock >/dev/null || { echo "installing moto needs flock" >&2; exit 1; }
mkdir -p "$(dirname "$directory")"
exec 9>"$directory.lock"
flock 9 # two runs at once: the second one finds the work done
[ ! -e "$directory/usr/bin/moto_server" ] || exit 0
echo "test servers: unpacking moto from Debian $suite into $directory (a minute, once)"

rm -rf "$directory".?????? # left by a run that was killed
work=$(mktemp -d "$directory.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$(dirname "$0")/unpack-debian.sh" "$suite" "$work/tree" python3-moto python3-flask python3-flask-cors
rm -rf "$directory"
mv "$work/tree" "$directory"
