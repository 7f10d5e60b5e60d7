# double.sh - starts double.py for a shell test: source it behind tap.sh, then
#   double_start            sets DOUBLE_PORT, DOUBLE_URL (…/v1) and DOUBLE_PID; stopped at exit
#   double_log              prints all requests so far as one JSON array
double_start() {
    mkfifo "$T/.double"
    /usr/bin/python3 "$SRC/tests/model/double.py" "$@" >"$T/.double" &
    DOUBLE_PID=$!
    read -r DOUBLE_PORT <"$T/.double"
    DOUBLE_URL=http://127.0.0.1:$DOUBLE_PORT/v1
    trap 'kill $DOUBLE_PID 2>/dev/null; wait $DOUBLE_PID 2>/dev/null; rm -rf "$T"' EXIT
}
double_log() { /usr/bin/python3 -c 'import sys,urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' "http://127.0.0.1:$DOUBLE_PORT/_log"; }
