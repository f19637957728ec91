"""Formats that a model can be exported to, each a file here.

_contract    what an exporter is, and the network it is given: one direction of a model
_examples    the real images it is tried on
_parity      writing a file only if it does what the model does
"""
