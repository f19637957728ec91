"""How good a model is: scores of models and of folders of images.

evaluator          `evaluate`: everything from models to results
measurement        a subject, block by block → results
parts              what several machines have scored
selection          models and folders that a user names → subjects
subjects           a model on a data set, or a folder of images → samples
ground_truth       the faces and sketches that subjects are scored on
matching           pairs files by name
scoring            samples → scores
features           cached features for metrics of sets
metrics/           one file per metric
protocols/         one file per protocol: data, size, colour and metrics of published numbers
intervals          bootstrap intervals
comparing          differences between results; groups of images
results            results, and the rows added to them: means, cycles, printed numbers
tables             results → tables
results_json       results → JSON
html_report        results → an HTML report; gallery holds its images
charts             histograms and curves as SVG
curve_plots        curves of runs → an SVG or HTML file
best_run           the best of several runs
junit              results → a JUnit report
thresholds         which results miss a threshold or are worse than a baseline
checkpoint_scorer  scores of checkpoints during a training
scored_training    `train`: a whole training with these scores and loggers
pages, xml_text    HTML from templates; text that is valid in XML
"""
