"""Scores: samples (pairs of images) from models or folders, measured by metrics, averaged and held to
thresholds.

subjects     what is scored: a model on a data set, or folders of images → samples
matching     which file belongs to which
scoring      samples → scores
intervals    bootstrap intervals
thresholds   scores → passed or not
records      scores → tables and JSON
"""
