"""A pool of earlier generated images for critics (Shrivastava et al. 2017; CycleGAN: Zhu et al. 2017, §4)."""

import torch
from torch import Tensor

from s2f_cli.core import distributed
from s2f_cli.models.networks._resizable_buffers import ResizableBuffers

__all__ = ["ImagePool"]


class ImagePool(ResizableBuffers):
    """(N, C, H, W) → the same shape: each image, or at random an earlier one in its place.

    Until the pool holds `capacity` images, each image is stored and returned. After that, with a probability
    of one half an image is returned, otherwise it replaces a random image of the pool, which is returned. In
    evaluation mode, images are returned unchanged. The pool is saved with the training state, and shared by
    all processes of a distributed training.
    """

    images: Tensor
    count: Tensor

    def __init__(self, capacity: int = 50) -> None:
        super().__init__()
        self.capacity = capacity
        self.register_buffer("images", torch.zeros(0))
        self.register_buffer("count", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """(N, C, H, W) → images of the same shape, without gradients."""
        if not self.training:
            return images
        if not len(self.images):
            self.images = torch.zeros(self.capacity, *images.shape[1:], device=images.device)
        places = torch.randint(self.capacity, (len(images), 1), device=images.device)
        coins = torch.rand(len(images), 1, device=images.device) < 0.5
        rows = zip(*(distributed.all_gather(rows).split(1) for rows in (images, places, coins)), strict=True)
        return distributed.own_rows(torch.cat([self._swap(*row) for row in rows]))

    def _swap(self, image: Tensor, place: Tensor, coin: Tensor) -> Tensor:
        filling = self.count < self.capacity
        place = torch.where(filling, self.count, place[0])
        swap = ~filling & coin[0]
        stored = self.images.index_select(0, place)
        self.images.index_copy_(0, place, torch.where(filling | swap, image.to(stored.dtype), stored))
        self.count.copy_((self.count + 1).clamp(max=self.capacity))
        return torch.where(swap, stored.to(image.dtype), image)
