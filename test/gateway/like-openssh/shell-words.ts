/**
 * What the scripts of the behaviours may use beside bash. `$COUNT` and `$COUNT_UNIX`: where a server counts and hashes what it gets; `$WEB`: the port of a web server.
 * All run under one time limit, so a loop that waits ends.
 */
export const SHELL_WORDS = String.raw`
waits() { until [ -e "$1" ]; do sleep 0.05; done; }
# What came last may be written by the master when the ssh that asked for it is gone.
filled() { until [ -s "$1" ]; do sleep 0.05; done; }
# typed <keys> <ssh ...>: ssh on a terminal of 30 by 100; the keys are typed when the file "ready" is there.
typed() {
  { waits ready; printf "$1"; waits over; } |
    script -qec "stty rows 30 cols 100; $2; s=\$?; touch over; exit \$s" /dev/null
}
# A connection that others use, and its end.
share() { ssh -fNM -S "$D/c" "$@" lab </dev/null; }
unshare() { ssh -S "$D/c" -O exit lab 2>/dev/null; }
# A port that nothing listens on now, and that nobody is given by chance either: as freePort of the harness.
free_port() {
  node -e 's=require("net").createServer(); f=()=>s.listen(require("crypto").randomInt(20000,30000),"127.0.0.1"); s.on("error",f).on("listening",()=>{console.log(s.address().port);s.close()}); f()'
}
# numbers <bytes>: the same bytes each time.
numbers() { seq 1 99999999 | head -c "$1"; }
`;
