"""Changes of training images by chance, each a file here; recipes name them in `data.augment`.

_contract    what an augmentation is
_light       light that falls off, grain and softness, which photos and scans share
"""
