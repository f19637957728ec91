"""Search a gallery of photos with a sketch: for research, not for identifying people.

index     the file that holds a row of numbers for each face of a gallery
indexing  reads the new and changed photos of a gallery
describe  from the face of a photo, or of a sketch, to its row
search    the photos whose rows are nearest to a sketch's
"""
