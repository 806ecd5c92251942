#!/bin/sh
# Makes the secrets of compose.yaml beside it, or in the folder that is given. What is there stays.
# The folder is its owner's alone; the files in it can be read by any user, because Compose mounts them
# as they are into containers whose users have other numbers.
set -eu

folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
chmod 700 "$folder"
umask 022

fresh_password() {
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

for name in postgres-password grafana-password; do
  [ -s "$folder/$name" ] || fresh_password > "$folder/$name"
done
[ -s "$folder/database-url" ] ||
  printf 'postgres://postbreeze:%s@postgres:5432/postbreeze\n' "$(cat "$folder/postgres-password")" \
    > "$folder/database-url"
