"""From a recipe and a data set to weights.

A whole training
  request          its settings
  trainer          runs it and yields events: steps, losses, samples, scores, saves
  events           those events
  remaining_time   the time it has left
  run_folder       its files
  resume           settings of a new run, and checks before a run is resumed
  best_checkpoint  scores and the best model
  samples          grids of sample images
  health           signs of trouble, with advice
  loggers          TensorBoard, Weights & Biases
  curves           the logged values of a run
  run_summary      a run in one row, and the settings in which runs differ
  run_choice       finds runs by name, and deletes them
  initial_weights  weights taken from another model
  dry_run          its cost, measured without writing anything
  budget           its length by what it may cost
  cost             what it has cost so far

The training loop
  loop             stages, steps and moves
  players          the optimiser of each player, and its gradients
  batch, batches   the images of a step
  build            objectives, schedules and augmentations from a recipe
  validate         a recipe checked before it is trained
  compute          precision, gradient accumulation, determinism
  ema              averaged weights
  random_state, sharded_rng, allocator, out_of_memory

Parts, one file each
  objectives/, losses/, schedules/, augmentations/
"""
