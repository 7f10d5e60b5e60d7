#!/bin/bash
# conversations of a public collection: the same as notmuch makes of them
. "${SRCDIR:-.}/tests/tap.sh"
C=${BUREAU_CORPORA:-$SRC/../shared/corpora}
[ -d "$C/mime-notmuch" ] && command -v notmuch >/dev/null || { echo "1..0 # skipped: no collection at $C, or no notmuch"; exit 0; }
cp -r "$C/mime-notmuch" "$T/mail"
mkdir -m 700 "$T/h"
"$BUREAU" --home "$T/h" --quiet import --as mail "$T/mail" >/dev/null 2>&1
printf '[database]\npath=%s\n[user]\nname=a\nprimary_email=a@b.example\n[new]\ntags=\n[search]\nexclude_tags=\n' "$T/mail" >"$T/notmuch"
export NOTMUCH_CONFIG=$T/notmuch
notmuch new --quiet >/dev/null 2>&1
ok "every mail that both know has the same company" python3 - "$BUREAU" "$T/h" <<'PY'
import collections, json, subprocess, sys
bureau, home = sys.argv[1:]
def run(*argv): return subprocess.run(argv, capture_output=True, text=True).stdout
theirs, ours = {}, {}
for thread in json.loads(run("notmuch", "search", "--format=json", "--output=threads", "*")):
    for m in json.loads(run("notmuch", "search", "--format=json", "--output=messages", "thread:" + thread)):
        theirs[m] = thread
for line in run(bureau, "--home", home, "search", "*", "--output", "threads").split("\n"):
    if line.split():
        for item in run(bureau, "--home", home, "--json", "thread", line.split()[0]).splitlines():
            o = json.loads(item)
            if "message_id" in o: ours[o["message_id"]] = o["thread"]
both = [m for m in ours if m in theirs]
assert len(both) > 200, (len(ours), len(theirs), len(both))
def groups(of):
    g = collections.defaultdict(set)
    for m in both: g[of[m]].add(m)
    return {frozenset(v) for v in g.values()}
differing = groups(ours) ^ groups(theirs)
assert not differing, [sorted(g)[:3] for g in differing]
PY
done_testing
