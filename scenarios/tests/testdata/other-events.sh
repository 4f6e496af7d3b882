#!/bin/sh
# Another build of partitura that does something else in seed 2.
case "$*" in
*"--seed 2 "*) exec "$PARTITURA" "$@" --set 'network.delay={"fixed": "7ms"}' ;;
*) exec "$PARTITURA" "$@" ;;
esac
