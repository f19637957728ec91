"""From a recipe and a data set to weights.

trainer        a whole training, as events: steps, losses, samples, scores, saves
loop           one step after the other
players        whose gradients a step takes, and how they are applied
batch          what one step sees
batches        the images of each step
build          from a recipe to objectives, schedules and augmentations
validate       a recipe checked before it is trained
compute        precision, gradient accumulation, determinism
ema            averaged weights
run_folder     what a training leaves on disk
resume         what a resumed run must have in common with the run it continues
health         signs of a training that goes wrong
curves         the logged values of a run
objectives/, losses/, schedules/, augmentations/
               one file a part
"""
