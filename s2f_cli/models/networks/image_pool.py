"""A pool of earlier generated images for critics (Shrivastava et al. 2017; CycleGAN: Zhu et al. 2017, §4)."""

import torch
from torch import Tensor

from s2f_cli.core import distributed
from s2f_cli.models.networks._resizable_buffers import ResizableBuffers

__all__ = ["ImagePool"]


class ImagePool(ResizableBuffers):
    """(N, C, H, W) → the same shape: each image, or at random an earlier one in its place.

    Until the pool holds `capacity` images, each image is stored and returned. After that, an image is
    returned with probability ½; otherwise it replaces a random image of the pool, which is returned. In
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
        slots = torch.randint(self.capacity, (len(images), 1), device=images.device)
        swaps = torch.rand(len(images), 1, device=images.device) < 0.5
        rows = zip(*(distributed.all_gather(rows).split(1) for rows in (images, slots, swaps)), strict=True)
        return distributed.own_rows(torch.cat([self._swap(*row) for row in rows]))

    def _swap(self, image: Tensor, slot: Tensor, swap: Tensor) -> Tensor:
        """Store an image if the pool is filling or `swap` is set; return it, or the image it replaces."""
        filling = self.count < self.capacity
        slot = torch.where(filling, self.count, slot[0])
        swap = ~filling & swap[0]
        stored = self.images.index_select(0, slot)
        self.images.index_copy_(0, slot, torch.where(filling | swap, image.to(stored.dtype), stored))
        self.count.copy_((self.count + 1).clamp(max=self.capacity))
        return torch.where(swap, stored.to(image.dtype), image)
