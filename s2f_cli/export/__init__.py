"""Model files for other programs, each checked against its model.

plan      which directions of which models become which files
contract  the interface of an exporter, and what it writes: one direction of a model
network   one direction in torch
stored    one direction as the ONNX graph in its bundle
parity    writes a file and keeps it only if its results equal the model's
examples  real images for that comparison
condition_vectors  what models are given in it
formats/  one file per format
"""
