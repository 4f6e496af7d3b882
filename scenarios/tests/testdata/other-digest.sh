#!/bin/sh
# Another build of partitura that does the same and counts its digest otherwise.
"$PARTITURA" "$@" | sed 's/"digest": "..../"digest": "----/'
