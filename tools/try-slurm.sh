#!/usr/bin/env bash
# Submits samples/slurm/*.sbatch to a Slurm of one machine that it makes for that and takes away again: munge, slurmctld and slurmd with
# settings, keys and state of their own in a temporary folder.
#
#   tools/try-slurm.sh [src/PandaNas.Cli/bin/Release/net10.0/panda.dll]
#
# 1. A training by two ranks (MPICH) whose time limit is hit: it saves, is requeued and finishes with --resume; its weights are those of
#    an undisturbed training by two ranks.
# 2. The same with a rank that is killed without a word: Slurm would wait KillWait, 30 s, for the other; it ends within ten seconds, and the
#    same job goes on to the weights of an undisturbed training.
# 3. A ranking by three ranks, of which rank 0 or another is killed: all end within ten seconds here, too, and what one process
#    makes of the rest is its table.
# 4. A comparison as an array of three jobs, of which one is killed without a word: its table is that of one process but for measured times.
#
# Needs root, because slurmd does, and Debian's slurm-wlm, munge and mpich; says so where something is missing. Takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
dll=$(realpath "${1:-src/PandaNas.Cli/bin/Release/net10.0/panda.dll}")

missing() { echo "try-slurm: $1: nothing was tried"; exit "${2:-77}"; }
[ "$(id -u)" = 0 ] || missing "slurmd needs root, and this is $(id -un)"
for program in munged slurmctld slurmd sbatch mpirun.mpich; do
  command -v $program > /dev/null || missing "there is no $program (Debian: slurm-wlm, munge, mpich)"
done
[ -f "$dll" ] || missing "there is no $dll: build first" 1

root=$(mktemp -d /tmp/panda-slurm-XXXXXX)
chmod 755 "$root"
host=$(hostname -s) cpus=$(nproc)
mkdir -p "$root"/{state,spool,munge,work}
daemons=()
cleanup() {
  status=$?
  scancel --full --quiet --state=RUNNING --state=PENDING --user=root 2> /dev/null || true
  sleep 1
  for pid in "${daemons[@]}"; do kill "$pid" 2> /dev/null || true; done
  sleep 1
  if [ "$status" = 0 ]; then rm -rf "$root"; else echo "try-slurm: everything is in $root"; fi
}
trap cleanup EXIT

head -c 128 /dev/urandom > "$root/munge/key"
chmod 400 "$root/munge/key"
chmod 700 "$root/munge"
munged --force --foreground --key-file="$root/munge/key" --socket="$root/munge/socket" --pid-file="$root/munge/pid" \
  --seed-file="$root/munge/seed" --num-threads=2 > "$root/munge.log" 2>&1 &
daemons+=($!)

cat > "$root/slurm.conf" << EOF
ClusterName=panda
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$((20000 + $$ % 10000))
SlurmdPort=$((30000 + $$ % 10000))
AuthType=auth/munge
AuthInfo=socket=$root/munge/socket,cred_expire=10
CryptoType=crypto/munge
StateSaveLocation=$root/state
SlurmdSpoolDir=$root/spool
SlurmctldPidFile=$root/slurmctld.pid
SlurmdPidFile=$root/slurmd.pid
SlurmctldLogFile=$root/slurmctld.log
SlurmdLogFile=$root/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
SchedulerParameters=sched_interval=5,requeue_delay=1
MpiDefault=none
KillWait=30
OverTimeLimit=0
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
SlurmdParameters=config_overrides
EOF
export SLURM_CONF=$root/slurm.conf
for _ in $(seq 50); do [ -S "$root/munge/socket" ] && break; sleep 0.1; done
slurmctld -D > "$root/slurmctld.out" 2>&1 &
daemons+=($!)
slurmd -D > "$root/slurmd.out" 2>&1 &
daemons+=($!)
for _ in $(seq 100); do sinfo -h -o %t 2> /dev/null | grep -qx idle && break; sleep 0.3; done
sinfo -h -o %t | grep -qx idle || { echo "try-slurm: the node does not come up:"; tail -5 "$root"/slurm*.log; exit 1; }
echo "Slurm $(sinfo --version | cut -d' ' -f2) on $host, $cpus processors of which Slurm sees 4"

export PANDA="dotnet $dll" OMP_WAIT_POLICY=passive
small="--image-size 8 --channels 2 --cells 1 --precision float32 --train-images 4000 --batch-size 32 --validation-images 100"
cd "$root/work"

# Waits until a job has left the queue; Slurm forgets jobs after a while, which is no failure.
ended() { while squeue -h -j "$1" 2> /dev/null | grep -q .; do sleep 1; done; }
field() { scontrol show job "$1" 2> /dev/null | tr ' ' '\n' | sed -n "s/^$2=//p" | tail -1; }

echo "== a training whose time is up"
together() {
  mpirun.mpich -n 2 $PANDA train --preset nasbench201-cpu --data fashion-mnist-small $small --epochs "$1" --threads 1 --out "$root/work/$2" \
    > "$2.log" 2>&1 || { tail -5 "$2.log"; exit 1; }
}
# So many epochs that they take more than two minutes, of which starting is no part.
started=$SECONDS
together 8 pilot
epochs=$((8 * 180 / (SECONDS - started) + 8))
together "$epochs" whole
# Slurm counts in minutes, and sends the signal up to one earlier than it is asked to.
job=$(DATA=fashion-mnist-small RUN=$root/work/limited MORE="$small --epochs $epochs" \
  sbatch --parsable --ntasks=2 --time=2 --signal=TERM@25 "$OLDPWD/samples/slurm/train.sbatch")
ended "$job"
state=$(field "$job" JobState) restarts=$(field "$job" Restarts)
cat panda-train-"$job".log | grep -a "time is up" || true
echo "job $job: ${state:-unknown}, requeued ${restarts:-?} times"
[ "$state" = COMPLETED ] || { tail -5 panda-train-"$job".log; exit 1; }
[ "${restarts:-0}" -ge 1 ] || { echo "try-slurm: the training of $epochs epochs was done before its time was up"; exit 1; }
cmp whole/weights.safetensors limited/weights.safetensors
echo "its weights are those of an undisturbed training"

echo "== a training of which a rank is killed"
submit() {
  DATA=fashion-mnist-small RUN=$root/work/killed MORE="$small --epochs 8" \
    sbatch --parsable --ntasks=2 --time=30 --no-requeue "$OLDPWD/samples/slurm/train.sbatch"
}
# Processes of ranks, and not the srun that starts them.
ranks() { for pid in $(pgrep -f -- "--out $root/work/killed"); do ! grep -qxE 'dotnet|panda' "/proc/$pid/comm" 2> /dev/null || echo "$pid"; done; }
job=$(submit)
until [ "$(cat killed/log.jsonl 2> /dev/null | wc -l)" -ge 2 ]; do
  squeue -h -j "$job" | grep -q . || { echo "try-slurm: the training was done before a rank was killed"; exit 1; }
  sleep 0.1
done
victim=$(ranks | tail -1)
kill -9 "$victim" && killed=$(date +%s%N)
while [ -n "$(ranks)" ]; do sleep 0.1; done
after=$(( ($(date +%s%N) - killed) / 1000000 ))
ended "$job"
state=$(field "$job" JobState)
echo "killed process $victim: no rank was left after $after ms; job $job: ${state:-unknown}"
grep -a "panda: .*does not answer" panda-train-"$job".log || { tail -5 panda-train-"$job".log; exit 1; }
head -1 killed/log.jsonl > first-epoch
[ "$after" -le 10000 ] || { echo "try-slurm: a rank was left for more than ten seconds"; exit 1; }
[ "$state" = FAILED ] || { tail -5 panda-train-"$job".log; exit 1; }
job=$(submit)
ended "$job"
cmp pilot/weights.safetensors killed/weights.safetensors
# With its measured time: not trained anew.
head -1 killed/log.jsonl | cmp - first-epoch
echo "continued, its weights are those of an undisturbed training"

echo "== a ranking of which a rank is killed"
how="--ranker accuracy --architectures 4000 --threads 1"
cp -r whole ranked-alone
$PANDA rank ranked-alone $how > rank-alone.log 2>&1 || { tail -5 rank-alone.log; exit 1; }
# Processes of a run's ranks, or of one rank.
tasks() {
  for pid in $(pgrep -f -- "rank $root/work/$1 "); do
    ! grep -qxE 'dotnet|panda' "/proc/$pid/comm" 2> /dev/null || ! grep -qaz "^SLURM_PROCID=${2:-}" "/proc/$pid/environ" 2> /dev/null || echo "$pid"
  done
}
for rank in 0 1; do
  cp -r whole "ranked-$rank"
  job=$(sbatch --parsable --ntasks=3 --time=30 --no-requeue --output="rank-$rank.log" \
    --wrap "srun --mpi=pmi2 --kill-on-bad-exit=1 $PANDA rank $root/work/ranked-$rank $how")
  until [ "$(find "ranked-$rank" -name 'accuracy-on-*.csv' -exec cat {} + | wc -l)" -ge 200 ]; do
    squeue -h -j "$job" | grep -q . || { tail -5 "rank-$rank.log"; echo "try-slurm: the ranking was done before a rank was killed"; exit 1; }
    sleep 0.1
  done
  kill -9 "$(tasks "ranked-$rank" "$rank")" && killed=$(date +%s%N)
  while [ -n "$(tasks "ranked-$rank")" ]; do sleep 0.1; done
  after=$(( ($(date +%s%N) - killed) / 1000000 ))
  ended "$job"
  echo "killed rank $rank of 3: none was left after $after ms"
  grep -a "panda: " "rank-$rank.log" || { tail -5 "rank-$rank.log"; exit 1; }
  [ "$after" -le 10000 ] || { echo "try-slurm: a rank was left for more than ten seconds"; exit 1; }
  $PANDA rank "ranked-$rank" $how > "rank-$rank-again.log" 2>&1 || { tail -5 "rank-$rank-again.log"; exit 1; }
  cmp ranked-alone/ranking.csv "ranked-$rank/ranking.csv"
done
echo "continued, their tables are those of one process"

echo "== a comparison as an array of three jobs, one of which is killed"
compare="$small --seeds 0,1,2 --epochs 20 --architectures 100"
$PANDA compare --preset nasbench201-cpu --data fashion-mnist-small --methods spos,panda $compare --threads 1 \
  --out "$root/work/alone" > alone.log 2>&1 || { tail -5 alone.log; exit 1; }
array=$(DATA=fashion-mnist-small RUN=$root/work/shared MORE="$compare" \
  sbatch --parsable --array=1-3 --cpus-per-task=1 --time=30 "$OLDPWD/samples/slurm/compare.sbatch")
# As soon as one of them has a run, it dies.
victim=
while [ -z "$victim" ] && squeue -h -j "$array" | grep -q .; do
  victim=$(cat shared/claims/*-seed*.claim 2> /dev/null | grep -ao '"process":[0-9]*' | head -1 | cut -d: -f2) || true
  sleep 0.2
done
[ -n "$victim" ] || { echo "try-slurm: no job claimed a run"; exit 1; }
kill -9 "$victim" && echo "killed process $victim"
ended "$array"
grep -ah "is left to" panda-compare-"$array"_*.log | tail -3 || true
# But for the columns of measured times.
without_seconds() { awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i !~ /seconds/) kept[++n] = i } { line = ""; for (i = 1; i <= n; i++) line = line $kept[i] ","; print line }' "$1"; }
cmp <(without_seconds alone/comparison.csv) <(without_seconds shared/comparison.csv)
for run in alone/rankings/*.csv; do cmp "$run" "shared/rankings/$(basename "$run")"; done
for run in alone/*-seed*; do cmp "$run/weights.safetensors" "shared/$(basename "$run")/weights.safetensors"; done
[ ! -e shared/claims ]
echo "the table, the rankings and the weights are those of one process"
