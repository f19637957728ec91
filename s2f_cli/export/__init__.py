"""Model files for other programs, each checked against PyTorch.

plan      which directions of which models become which files
contract  the interface of an exporter, and the network it writes: one direction of a model
parity    writes a file and keeps it only if its results equal the model's
examples  real images for that comparison
condition_vectors  what models are given in it
formats/  one file per format
"""
