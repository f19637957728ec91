"""Find a face, align it, put it back.

geometry     alignment presets and the similarity transform
align        faces found and cut out, over whole folders
aligners/    one file a face finder
manual_eyes  eye positions given by hand
preview      a picture of what alignment did
dlib_models  dlib's detector and its model files
"""
