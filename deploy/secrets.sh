#!/usr/bin/env bash
# Makes the secrets of a deployment in DIR, once: what is there is kept. Prints nothing that is secret.
#
#   deploy/secrets.sh deploy/secrets
#
#   parley.env              DATABASE_URL, PARLEY_MASTER_KEY, PARLEY_ADMIN_EMAIL, PARLEY_ADMIN_PASSWORD: of every node
#   nats-credentials.json   NATS_CREDS of every node
#   nats.env                PARLEY_NATS_…: of every nats-server
#   postgres.env            POSTGRES_PASSWORD
#   grafana.env             GF_SECURITY_ADMIN_PASSWORD: of the user `admin`
#
# PARLEY is the command line that makes NATS credentials; default: this checkout's. With the image alone:
#   PARLEY="docker run --rm --init --user $(id -u) --volume $PWD/deploy/secrets:$PWD/deploy/secrets parley:0.1.0"
# ADMIN_EMAIL, POSTGRES_HOST and NATS_HOSTS (default nats-1 nats-2 nats-3) say who and where.
set -euo pipefail
umask 077

if [[ $# -ne 1 ]]; then
  echo "usage: [ADMIN_EMAIL=…] [POSTGRES_HOST=…] [NATS_HOSTS=…] $0 DIR" >&2
  exit 2
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
chmod 0700 "$dir"
read -ra parley <<<"${PARLEY:-node $root/dist/src/main.js}"
read -ra hosts <<<"${NATS_HOSTS:-nats-1 nats-2 nats-3}"

password() { head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '='; }

# keep FILE: standard input becomes the file, whole or not at all.
keep() { cat >"$dir/$1.new" && mv "$dir/$1.new" "$dir/$1" && echo "made $dir/$1"; }

if [[ ! -s $dir/postgres.env ]]; then
  if [[ -s $dir/parley.env ]]; then
    echo "$dir/parley.env names a password of PostgreSQL, and postgres.env is missing: put it back, or remove both" >&2
    exit 1
  fi
  printf 'POSTGRES_PASSWORD=%s\n' "$(password)" | keep postgres.env
fi
if [[ ! -s $dir/parley.env ]]; then
  database=$(sed -n 's/^POSTGRES_PASSWORD=//p' "$dir/postgres.env")
  keep parley.env <<END
DATABASE_URL=postgres://parley:$database@${POSTGRES_HOST:-postgres}:5432/parley
PARLEY_MASTER_KEY=$(head -c 32 /dev/urandom | base64)
PARLEY_ADMIN_EMAIL=${ADMIN_EMAIL:-admin@example.com}
PARLEY_ADMIN_PASSWORD=$(password)
END
fi
if [[ ! -s $dir/nats.env ]]; then
  credentials=$("${parley[@]}" admin nats-credentials --out "$dir/nats-credentials.json" 2>/dev/null) || {
    echo "${parley[*]} admin nats-credentials failed: build it first (make build), or set PARLEY" >&2
    exit 1
  }
  route=$(password)
  routes=
  for host in "${hosts[@]}"; do routes+="${routes:+, }\"nats://route:$route@$host:6222\""; done
  keep nats.env <<END
$credentials
PARLEY_NATS_CLUSTER_PASSWORD='"$route"'
PARLEY_NATS_CLUSTER_ROUTES='[ $routes ]'
END
fi
[[ -s $dir/grafana.env ]] || printf 'GF_SECURITY_ADMIN_PASSWORD=%s\n' "$(password)" | keep grafana.env
# The node in its container has another user than this one; the directory lets nobody else come here.
chmod 0644 "$dir/nats-credentials.json"
echo "the administrator's login is in $dir/parley.env; keep PARLEY_MASTER_KEY elsewhere, too"
