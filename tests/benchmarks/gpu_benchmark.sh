#!/bin/sh
# Run `s2f benchmark` on a machine with a GPU and without a network.
#
# At home, from prepared data sets:
#     tests/benchmarks/gpu_benchmark.sh pack KIT --data cuhk --data fs2k --size 128
# There, in a checkout of the repository, in one call that takes at most as many minutes; report A first:
#     tests/benchmarks/gpu_benchmark.sh run KIT OUT --minutes 9 cyclegan-vae cyclegan-vae-pretrained cyclegan-vae-latent \
#         -- --set image.fit=squash --metric ssim_gray,mse,fd_hog
# What follows `--` is passed to `s2f benchmark`. The minutes are shared equally among the rows, less the time that each
# takes to start and to be scored (--overhead). OUT then holds the page, the tables, the rows, and archives of the logs
# and scores and of the models; at the end of the minutes, trainings are saved and the rows so far are in the tables.
set -eu
exec python3 "$(dirname "$0")/gpu_benchmark.py" "$@"
