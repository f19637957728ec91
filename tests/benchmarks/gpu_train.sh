#!/bin/sh
# Train both shipped models on a machine with a GPU and without a network.
#
# At home, from prepared data sets, with the important ones first:
#     s2f prepare fs2k FS2K -o fs2k --size 256 --find-eyes
#     s2f prepare cufs CUHK -o cuhk --find-eyes
#     tests/benchmarks/gpu_train.sh pack KIT --to-sketch fs2k cuhk --to-face fs2k cuhk pseudo --megabytes 58
# There, in a checkout of the repository, in one call that takes at most as many minutes:
#     tests/benchmarks/gpu_train.sh train KIT OUT --minutes 9 [--set-sketch batch_size=16] [--set-face batch_size=16]
# OUT then holds the bundle, the log and a sample grid of each direction. Steps are fitted to the time; SIGTERM saves
# and ends. What each option does: gpu_pack.py --help, gpu_train.py --help.
set -eu
step=$1
shift
exec python3 "$(dirname "$0")/gpu_$step.py" "$@"
