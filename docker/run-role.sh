#!/bin/sh
# Becomes the role that the first argument names; the others are its own. By `exec`, so that node has
# this process's number and gets its signals. The scripts of package.json run the same.

role=${1-}
flags=
case $role in
  api | internal | projector | relay | subscribers) ;;
  ops) flags=--max-semi-space-size=32 ;;
  *)
    echo "There is no role '$role': give api, internal, projector, relay, subscribers, or ops and its command" >&2
    exit 2
    ;;
esac
shift
cd "$(dirname "$0")" && exec node $flags "dist/apps/$role/src/main.js" "$@"
