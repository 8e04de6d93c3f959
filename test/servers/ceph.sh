#!/bin/bash
# One Ceph RGW with empty storage in memory, in the foreground; prints "ready VERSION" when it serves.
# usage: MAIN='KEY SECRET' OTHER='KEY SECRET' [COLD=1] ceph.sh DIRECTORY STATE RGW_PORT MONITOR_PORT
# COLD: with a storage class of that name, which is an archive; lifecycle rules count a second as a day. From Ceph 20 on.
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
[ -z "${COLD:-}" ] || cat >>ceph.conf <<CONF
rgw_lc_debug_interval = 1
rgw_restore_debug_interval = 3600
rgw_restore_processor_period = 1
CONF
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
admin() {
  quietly timeout --foreground 60 "$here/run-ceph.sh" "$root" radosgw-admin --conf "$state/ceph.conf" "$@"
}
for user in MAIN OTHER; do
  read -r key secret <<<"${!user}"
  admin user create --uid="${user,,}" --display-name="${user,,}" --access-key="$key" --secret-key="$secret"
done
# What goes to the class is kept in a bucket of OTHER's, by way of this very server.
if [ -n "${COLD:-}" ]; then
  read -r key secret <<<"$OTHER"
  cold=(--rgw-zonegroup default --placement-id default-placement --storage-class COLD)
  admin zonegroup placement add "${cold[@]}" --tier-type=cloud-s3
  admin zonegroup placement modify "${cold[@]}" \
    --tier-config="endpoint=http://127.0.0.1:$rgw_port,access_key=$key,secret=$secret,region=us-east-1,host_style=path,target_path=archive,retain_head_object=true,allow_read_through=false"
fi
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
