#!/usr/bin/env bash
# Writes a backup to a new directory BACKUPS/<time>, and removes the oldest beyond KEEP (default 7). For cron:
#
#   NATS_URL=… NATS_CREDS=… DATABASE_URL=… deploy/backup.sh /var/backups/parley
#
# Nodes run meanwhile. With DATA_DIR set, media on disk are copied beside it (S3 has its own versions).
# What is in it, and what it lacks: backup.md.
set -euo pipefail
umask 077

if [[ $# -ne 1 ]]; then
  echo "usage: [KEEP=7] [DATA_DIR=…] $0 BACKUPS" >&2
  exit 2
fi
backups=$1
keep=${KEEP:-7}
[[ $keep =~ ^[1-9][0-9]{0,5}$ ]] || { echo "KEEP must be a number from 1 on" >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=$backups/$(date -u +%Y%m%dT%H%M%SZ)

mkdir -p "$backups"
trap 'rm -rf "$target"' ERR INT TERM # what was not finished is no backup
# Media last: a file that a message refers to was there before the message.
node "$root/dist/src/main.js" backup "$target"
if [[ -n ${DATA_DIR:-} && -d $DATA_DIR/media ]]; then cp -a "$DATA_DIR/media" "$target/media"; fi
trap - ERR INT TERM

# Only what this script made is counted and removed: whole backups, named after a time.
find "$backups" -mindepth 2 -maxdepth 2 -path "$backups/[0-9]*T[0-9]*Z/manifest.json" | sort -r |
  tail -n "+$((keep + 1))" | while IFS= read -r manifest; do rm -rf "${manifest%/manifest.json}"; done
