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
# As whom one logs in, and the password.
database_url() {
  printf 'postgres://%s:%s@postgres:5432/postbreeze\n' "$1" "$2"
}

[ -s "$folder/database-url" ] ||
  database_url postbreeze "$(cat "$folder/postgres-password")" > "$folder/database-url"
for role in api internal projector relay subscribers; do
  [ -s "$folder/database-url-$role" ] ||
    database_url "channels_$role" "$(fresh_password)" > "$folder/database-url-$role"
done
