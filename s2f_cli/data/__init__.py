"""Data sets on disk.

source        the contract of a data source
options       command-line descriptions of dataclass fields
sources/      one file per data source
preparation/  from a source to a data set on disk
manifest      a prepared data set
drawn_faces/  faces drawn by s2f, for the demo and the tests
sketching     sketches drawn from photos
sketchers/    one file per sketcher
"""
