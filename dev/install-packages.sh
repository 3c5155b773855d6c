#!/bin/sh
# Install Debian packages given as arguments, as root, without letting any package start a service or make a database
# cluster: the project runs its own.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
cluster_dir=/etc/postgresql-common/createcluster.d
cluster_conf=$cluster_dir/jilinopen.conf
made_policy=''
made_conf=''
cleanup() {
    [ -z "$made_policy" ] || rm -f "$policy"
    [ -z "$made_conf" ] || rm -f "$cluster_conf"
}
trap cleanup EXIT

if [ ! -e "$policy" ]; then
    made_policy=1
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
if [ ! -d /usr/lib/postgresql ] && [ ! -e "$cluster_conf" ]; then
    made_conf=1
    mkdir -p "$cluster_dir"
    echo 'create_main_cluster = false' >"$cluster_conf"
fi

apt-get -o DPkg::Lock::Timeout=300 update
apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
