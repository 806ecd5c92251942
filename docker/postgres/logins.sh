#!/bin/sh
# Makes the login of each role, `channels_<role>`, with the password that stands in the secret
# database-url-<role>, and with the rights of `postbreeze_<role>`, which `ops setup` gives. PostgreSQL's image
# runs it in a new database; safe to repeat.
#
#   logins.sh --print <folder>   prints the SQL for the secrets in a folder instead
set -eu

statements() {
  for role in api internal projector relay subscribers; do
    # Of postgres://user:password@host, with quotes as SQL wants them.
    password=$(sed -n "s|^[a-z]*://[^:]*:\([^@]*\)@.*|\1|p" "$1/database-url-$role" | sed "s/'/''/g")
    [ -n "$password" ] || { echo "logins.sh: no password in $1/database-url-$role" >&2; exit 1; }
    cat << SQL
DO \$\$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'postbreeze_$role') THEN
    CREATE ROLE postbreeze_$role NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'channels_$role') THEN
    CREATE ROLE channels_$role LOGIN IN ROLE postbreeze_$role;
  END IF;
END \$\$;
ALTER ROLE channels_$role PASSWORD '$password';
SQL
  done
}

if [ "${1:-}" = --print ]; then
  statements "$2"
else
  sql=$(statements /run/secrets)
  printf '%s\n' "$sql" |
    psql --quiet -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB"
fi
