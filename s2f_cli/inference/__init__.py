"""Images in, images out.

translator    a model file, ready to use
pipeline      whole photos and the faces in them
face_crops    faces cut out of a photo, and their results put back
tiling        images that are too large for a network at once
pixel_budget  how large that is, from the free memory
sampling      images drawn at random, and sheets of results
exported      exported files, used as models
"""
