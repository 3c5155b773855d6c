#!/usr/bin/env bash
# What a container of the portal does, by its first argument:
#   secrets    make the passwords and keys that are missing (root, once)
#   configset  write Solr's configuration (once)
#   setup      migrate the database, load vocabularies, make the administrator (once)
#   web | gather | fetch | schedule    run for ever
#   health     say whether the role named next is well
#   ckan …     any CKAN command
set -euo pipefail
umask 077

secrets=/srv/secrets
ini=/tmp/ckan.ini

write_ini() {
    local password key
    password=$(<"$secrets/postgres")
    key=$(<"$secrets/secret-key")
    cat >"$ini" <<INI
[app:main]
use = config:/srv/jilinopen/dev/base.ini
debug = false
ckan.site_url = ${SITE_URL:?请设置门户地址 SITE_URL}
SECRET_KEY = $key
sqlalchemy.url = postgresql://jilinopen:$password@postgres/jilinopen
solr_url = http://solr:8983/solr/ckan
ckan.redis.url = redis://redis:6379/0
ckan.storage_path = /srv/storage
ckan.webassets.path = /tmp/webassets
ckanext.jilinopen.harvest.allowed_hosts = ${HARVEST_ALLOWED_HOSTS:-}
INI
}

make_secret() {
    [ -s "$secrets/$1" ] || python -c 'import secrets; print(secrets.token_urlsafe(32), end="")' >"$secrets/$1"
}

# Datasets are indexed again after a new Solr configuration, and only then.
rebuild_index() {
    local stamp=/srv/storage/index-made-from made_from
    made_from=$(cat /srv/configset/* | sha256sum)
    [ "$made_from" = "$(cat "$stamp" 2>/dev/null)" ] && return
    ckan -c "$ini" search-index rebuild --quiet
    echo "$made_from" >"$stamp"
}

health() {
    case $1 in
    web) python - <<'PY' ;;
import json, urllib.request
with urllib.request.urlopen("http://127.0.0.1:5000/api/3/action/status_show", timeout=10) as answer:
    raise SystemExit(not json.load(answer)["success"])
PY
    gather | fetch)
        grep -qsz '^harvester$' /proc/[0-9]*/cmdline
        python -c 'import redis; redis.Redis("redis", socket_timeout=5).ping()'
        ;;
    schedule) [ -n "$(find /tmp/schedule.heartbeat -mmin -5)" ] ;;
    esac
}

case $1 in
secrets)
    for name in postgres secret-key; do make_secret "$name"; done
    chown -R jilinopen: "$secrets"
    ;;
configset)
    umask 022
    exec python solr/configset.py --out /srv/configset
    ;;
setup)
    write_ini
    ckan -c "$ini" db upgrade
    python -m dev.administrator "$ini" admin "$secrets/admin-password"
    ckan -c "$ini" jilinopen init
    rebuild_index
    echo "系统管理员 admin 的密码：docker compose exec web cat $secrets/admin-password"
    ;;
web)
    write_ini
    ckan -c "$ini" translation js
    export CKAN_INI=$ini WEB_BIND=0.0.0.0:5000
    exec gunicorn --config python:dev.gunicorn_settings dev.wsgi:application
    ;;
gather | fetch)
    write_ini
    # A consumer waits for work in one blocking call, which redis-py ends with an error after 5 seconds
    # unless told otherwise; the number is near the longest wait that a socket takes.
    export CKAN_REDIS_URL='redis://redis:6379/0?socket_timeout=2000000&socket_connect_timeout=5'
    exec ckan -c "$ini" harvester "$1-consumer"
    ;;
schedule)
    write_ini
    exec python -m dev.schedule "$ini" "${HARVEST_TIME:-0200}"
    ;;
health) health "$2" ;;
ckan)
    write_ini
    shift
    exec ckan -c "$ini" "$@"
    ;;
*)
    echo "未知的角色：$1" >&2
    exit 2
    ;;
esac
