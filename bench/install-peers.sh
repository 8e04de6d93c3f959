#!/bin/bash
# Unpacks current peers (rclone and aws-cli of Debian sid) for the benchmarks; nothing is installed on the machine.
# usage: install-peers.sh [DIRECTORY]; then put DIRECTORY/bin on the PATH, or run the benchmarks, which look there.
set -euo pipefail
directory=${1:-$HOME/.cache/hawser-test/peers}
mkdir -p "$(dirname "$directory")"
exec 9>"$directory.lock"
flock 9
[ ! -x "$directory/bin/aws" ] || exit 0
rm -rf "$directory" "$directory".??????
"$(dirname "$0")/../test/servers/unpack-debian.sh" sid "$directory" rclone awscli

# The programs run with the C library and the Python that came with them.
libs=$(dirname "$(find "$directory/usr/lib" -name 'ld-linux*.so.*' | head -n 1)")
run="exec $(echo "$libs"/ld-linux*.so.*) --library-path $libs"
mkdir "$directory/bin"
cat >"$directory/bin/rclone" <<SCRIPT
#!/bin/sh
$run $directory/usr/bin/rclone "\$@"
SCRIPT
cat >"$directory/bin/aws" <<SCRIPT
#!/bin/sh
PYTHONHOME=$directory/usr $run $directory/usr/bin/python3 $directory/usr/bin/aws "\$@"
SCRIPT
chmod +x "$directory"/bin/*
"$directory/bin/rclone" --version | head -n 1
"$directory/bin/aws" --version
