#!/bin/sh
# Epilog for Slurm: explains a job's output beside it if a GPU ran out of memory.
#
#   slurm.conf:  Epilog=/etc/slurm/epilog.d/whyoom.sh
#
# Slurm runs it as root and drains the node if it fails (slurm.conf(5), "Epilog"), so it always ends well, within a minute, and
# reads and writes as the job's own user: the folder is the user's, and what is in it may lead anywhere.
# Slurm sets no search path (prolog_epilog, "these programs do not have a search path set").
PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}
export PATH
[ -n "$SLURM_JOB_ID" ] && [ -n "$SLURM_JOB_USER" ] || exit 0

details=$(scontrol show job "$SLURM_JOB_ID" 2>/dev/null)
out=$(printf '%s\n' "$details" | sed -n 's/^ *StdOut=//p')
err=$(printf '%s\n' "$details" | sed -n 's/^ *StdErr=//p')
[ -n "$out" ] || exit 0
[ "$err" = "$out" ] && err=

as_user() {
  if [ "$(id -un)" = "$SLURM_JOB_USER" ]; then
    "$@"
  else
    runuser -u "$SLURM_JOB_USER" -- "$@"
  fi
}

# A report is kept only if a failure was found (exit code 1) or something could not be read (3).
as_user timeout 60 sh -c '
  report=$1.whyoom.txt
  shift
  code=0
  whyoom --no-progress --color never "$@" > "$report" || code=$?
  case $code in 1 | 3) ;; *) rm -f "$report" ;; esac
' epilog "$out" "$out" ${err:+"$err"} >/dev/null 2>&1
exit 0
