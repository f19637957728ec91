"""Model files for other programs, each checked against PyTorch.

contract    what an exporter is, and the network it is given: one direction of a model
examples    the real images that an export is tried on
parity      a file is kept only if it does what the model does
quiet       silences the exporters of other packages
formats/    one file a format
"""
