#!/bin/bash
# Unpacks S3 clients that nobody here wrote (aws-cli, rclone, s3cmd and boto3 with its Python) from a Debian suite, with
# every library they need, into a directory of their own; DIRECTORY/bin then has aws, rclone, s3cmd and python3.
# Nothing is installed on the machine, and nothing of it is used: neither its Python nor its C library.
# usage: install-clients.sh [SUITE [DIRECTORY]]       (HAWSER_TEST_MIRROR: a Debian mirror to use)
set -euo pipefail
suite=${1:-sid} directory=${2:-${XDG_CACHE_HOME:-$HOME/.cache}/hawser-test/clients-${1:-sid}}

command -v flock >/dev/null || { echo "installing clients needs flock" >&2; exit 1; }
mkdir -p "$(dirname "$directory")"
exec 9>"$directory.lock"
flock 9 # two runs at once: the second one finds the work done
[ ! -x "$directory/bin/aws" ] || exit 0
echo "test clients: unpacking them from Debian $suite into $directory (half a minute, once)"

rm -rf "$directory".?????? # left by a run that was killed
work=$(mktemp -d "$directory.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$(dirname "$0")/unpack-debian.sh" "$suite" "$work/tree" awscli rclone s3cmd python3-boto3

# A program runs by the loader and the libraries that came with it. Python finds itself by PYTHONHOME, and file types are
# told by the lists beside it; the machine's own would make a difference.
mkdir -p "$work/tree/bin"
wrap() { # NAME PROGRAM [ARGUMENT]: of the directory
  cat >"$work/tree/bin/$1" <<SCRIPT
#!/bin/sh
# Called by its whole path, or by a PATH that has it.
root=\${0%/bin/*}
for loader in "\$root"/usr/lib/*-linux-gnu/ld-linux*.so.*; do :; done
libs=\${loader%/*}
unset PYTHONPATH
export PYTHONHOME="\$root/usr" PYTHONNOUSERSITE=1 MAGIC="\$root/usr/lib/file/magic.mgc"
exec "\$loader" --library-path "\$libs" "\$root/usr/bin/$2" ${3:+"\"\$root/usr/bin/$3\""} "\$@"
SCRIPT
  chmod +x "$work/tree/bin/$1"
}
wrap rclone rclone
wrap python3 python3
wrap s3cmd python3 s3cmd
wrap aws python3 aws
check() { env -i PATH=/usr/bin:/bin "$work/tree/bin/$1" "${@:2}" >/dev/null; }
check aws --version
check rclone --version
check s3cmd --version
check python3 -c 'import boto3'
rm -rf "$directory"
mv "$work/tree" "$directory"
