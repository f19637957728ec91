"""Data sets on disk.

source        what a data source yields
sources/      one file a data source
preparation/  from a source to a data set on disk
manifest      a prepared data set
sketching     sketches drawn from photos, over whole folders
sketchers/    one file a sketcher
"""
