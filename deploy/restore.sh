#!/usr/bin/env bash
# Fills an empty nats-server and an empty database from a backup, proves it complete, and asks the doctor:
#
#   NATS_URL=… NATS_CREDS=… DATABASE_URL=… deploy/restore.sh /var/backups/parley/20260101T000000Z
#
# No node may run. With DATA_DIR set, media of the backup are put there. Step by step: backup.md.
set -euo pipefail
umask 077

if [[ $# -ne 1 || ! -f $1/manifest.json ]]; then
  echo "usage: [DATA_DIR=…] $0 BACKUP    (a directory with a manifest.json)" >&2
  exit 2
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [[ -d $1/media ]]; then
  [[ -n ${DATA_DIR:-} ]] || { echo 'this backup holds media: set DATA_DIR to where they belong' >&2; exit 2; }
  [[ ! -e $DATA_DIR/media ]] || { echo "$DATA_DIR/media is there already: move it away" >&2; exit 1; }
  mkdir -p "$DATA_DIR"
  cp -a "$1/media" "$DATA_DIR/media"
fi
node "$root/dist/src/main.js" restore "$1"
node "$root/dist/src/main.js" doctor
