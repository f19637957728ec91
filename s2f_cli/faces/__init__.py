"""Find faces, align them, put them back.

geometry     alignment presets and the similarity transform
align        find and align faces, in images and whole folders
aligners/    the face finders, one per file
chips        the aligned face that dlib's face embedding looks at
embedding    dlib's face embedding
colours      the colours of skin, hair and backdrop in a photo
manual_eyes  eye positions found by hand
preview      a sheet of photos with their aligned faces
tracking     faces followed through a video
motion       how far a face has moved from frame to frame
one_euro     the One Euro filter, which smooths their landmarks
dlib_models  dlib's detector and model files
"""
