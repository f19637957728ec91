"""Random changes of training images, one file each; recipes list them in `data.augment`.

_contract           the base class of augmentations
_image_operations   contrast, shading, blur and noise, with parameters for each row
_backdrop_mask      finds the plain backdrop of a photo
_matting            cuts the person out of a photo, before any backdrop
_random_scenes      generates other backdrops
"""

from s2f_cli.training.augmentations._contract import Augmentation, Draw, Levels

__all__ = ["Augmentation", "Draw", "Levels"]
