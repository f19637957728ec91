"""Objectives, one file each; recipes name them in `objective`.

An objective is a generator function of networks and a batch. Each `yield` is one move, the unweighted loss
terms of the players that are then updated at once.
"""
