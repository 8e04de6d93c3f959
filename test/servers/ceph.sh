#!/bin/bash
# One Ceph RGW with empty storage in memory, in the foreground; prints "ready VERSION" when it serves.
# usage: MAIN='KEY SECRET' OTHER='KEY SECRET' ceph.sh DIRECTORY STATE RGW_PORT MONITOR_PORT
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$1 state=$2 rgw_port=$3 mon_port=$4
cd "$state"

ceph() { "$here/run-ceph.sh" "$root" "$1" --conf "$state/ceph.conf" "${@:2}"; }
quietly() { "$@" >>setup.log 2>&1 </dev/null; }
listening() { (: >"/dev/tcp/127.0.0.1/$rgw_port") 2>/dev/null; }
explain() { [ $? = 0 ] || tail -n 3 ./*.log ./*.out >&2; }
trap explain EXIT

libs=$(dirname "$root"/usr/lib/*-linux-gnu/ceph)
sed "s|@state@|$state|; s|@root@|$root|; s|@libs@|$libs|; s|@rgw_port@|$rgw_port|; s|@mon_port@|$mon_port|" \
  "$here/ceph.conf" >ceph.conf
fsid=$(sed -n 's/^fsid = //p' ceph.conf)

# The maps are made here, with the one storage daemon already in them, so that no command has to add it.
mkdir osd
quietly ceph monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon_port]" monmap
quietly ceph osdmaptool --createsimple 1 osdmap
quietly ceph ceph-mon --mkfs -i a --monmap monmap --osdmap osdmap
quietly ceph ceph-osd --mkfs -i 0 --no-mon-config --monmap monmap --osd-uuid "$fsid"

daemon() { ceph "$@" -f >>"$1.out" 2>&1 </dev/null & }
daemon ceph-mon -i a
daemon ceph-osd -i 0
for user in MAIN OTHER; do
  read -r key secret <<<"${!user}"
  quietly timeout --foreground 60 "$here/run-ceph.sh" "$root" radosgw-admin --conf "$state/ceph.conf" \
    user create --uid="${user,,}" --display-name="${user,,}" --access-key="$key" --secret-key="$secret"
done
if listening; then
  echo "port $rgw_port is in use" >&2
  exit 1
fi
daemon radosgw -n client.rgw
until listening; do
  kill -0 $!
  sleep 0.05
done
echo "ready $(ceph radosgw --version | cut -d' ' -f3)"
wait -n # a daemon that ends is a failure
exit 1
