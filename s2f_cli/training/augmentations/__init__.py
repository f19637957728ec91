"""Changes of training images by chance, each a file here; recipes name them in `data.augment`.

_contract    what an augmentation is
_light       light that falls off, grain and focus, which photos and scans share
_backdrop    which part of a photo is plain backdrop
_scenes      other things to stand before
"""
