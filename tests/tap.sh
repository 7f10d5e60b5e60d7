# tap.sh - TAP for scripts: source it; ok NAME COMMAND…; is NAME GOT WANT; like NAME TEXT PATTERN; done_testing.
# "known" in front of a test: a fault that is known and not mended yet may fail it.
# $BUREAU is the program under test, $T a private temporary directory (removed at exit), $SRC the source tree.
set -u
SRC=${SRCDIR:-.}
BUILD=${BUILDDIR:-.}
BUREAU=${BUREAU:-$BUILD/bureau}
case $BUREAU in /*) ;; *) BUREAU=$PWD/$BUREAU ;; esac
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
case $SRC in /*) ;; *) SRC=$PWD/$SRC ;; esac
export BUREAU_READER=${BUREAU_READER:-$BUILD/bureau-reader} BUREAU_DATA=${BUREAU_DATA:-$SRC/data}
export LC_ALL=C.UTF-8 TZ=${TZ:-Europe/Berlin}
unset OPENAI_API_KEY OPENAI_BASE_URL OPENAI_MODEL BUREAU_HOME LANGUAGE
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
export HOME=$T/home XDG_CONFIG_HOME= XDG_DATA_HOME= XDG_STATE_HOME= XDG_RUNTIME_DIR=
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
mkdir -p "$HOME"
_n=0 _bad=0 _known=
_say() {
  _n=$((_n + 1))
  if [ "$1" = 0 ]; then echo "ok $_n - $2"; else echo "not ok $_n - $2$_known"; [ -n "$_known" ] || _bad=$((_bad + 1)); fi
  _known=
}
known() { _known=" # TO""DO"; "$@"; }
ok() { _name=$1; shift; if "$@" >"$T/.out" 2>&1; then _say 0 "$_name"; else _say 1 "$_name"; sed 's/^/# /' "$T/.out" | head -20; fi; }
is() { if [ "$2" = "$3" ]; then _say 0 "$1"; else _say 1 "$1"; printf '%s\n' "$2" | sed 's/^/#   got: /'; printf '%s\n' "$3" | sed 's/^/#  want: /'; fi; }
like() { if printf '%s\n' "$2" | grep -qE -- "$3"; then _say 0 "$1"; else _say 1 "$1"; printf '%s\n' "$2" | head -20 | sed 's/^/#   got: /'; printf '%s\n' "$3" | sed 's/^/#  want: /'; fi; }
unlike() { if printf '%s\n' "$2" | grep -qE -- "$3"; then _say 1 "$1"; else _say 0 "$1"; fi; }
exits() { _want=$1 _name=$2; shift 2; "$@" >"$T/.out" 2>&1; _got=$?; if [ $_got = "$_want" ]; then _say 0 "$_name"; else _say 1 "$_name (exit $_got, not $_want)"; sed 's/^/# /' "$T/.out" | head -20; fi; }
done_testing() { echo "1..$_n"; [ $_bad = 0 ]; exit $?; }
