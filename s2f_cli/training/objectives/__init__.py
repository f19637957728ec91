"""Objectives, one file each; recipes name them in `objective`.

An objective is a generator function of networks and a batch. It yields moves: the unweighted loss terms of
the players that are updated together before it resumes. It raises ValueError if the networks or the batch do
not suit it.
"""
