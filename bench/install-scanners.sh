#!/bin/bash
# Unpacks what bench/scan.ts looks for beside Hawser (b3sum, casync, desync, restic) from a Debian suite, with every library
# they need, into a directory of their own. Nothing is installed on the machine.
# usage: install-scanners.sh [SUITE [DIRECTORY]]       (HAWSER_TEST_MIRROR: a Debian mirror to use)
set -euo pipefail
suite=${1:-sid} directory=${2:-${XDG_CACHE_HOME:-$HOME/.cache}/hawser-test/scanners-${1:-sid}}
[ ! -x "$directory/bin/restic" ] || exit 0

mkdir -p "$(dirname "$directory")"
rm -rf "$directory"
"$(dirname "$0")/../test/servers/unpack-debian.sh" "$suite" "$directory" b3sum casync desync restic
mkdir -p "$directory/bin"
for program in b3sum casync desync restic; do
  cat >"$directory/bin/$program" <<SCRIPT
#!/bin/sh
# By the loader and the libraries that came with it.
root=\${0%/bin/*}
for loader in "\$root"/usr/lib/*-linux-gnu/ld-linux*.so.*; do :; done
exec "\$loader" --library-path "\${loader%/*}" "\$root/usr/bin/$program" "\$@"
SCRIPT
  chmod +x "$directory/bin/$program"
done
