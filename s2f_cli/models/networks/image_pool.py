"""The pool of generated images that critics see (Shrivastava et al. 2017; CycleGAN: Zhu et al. 2017, §4)."""

import torch
from torch import Tensor

from s2f_cli.core import distributed
from s2f_cli.models.networks._resizable_buffers import ResizableBuffers

__all__ = ["ImagePool"]


class ImagePool(ResizableBuffers):
    """(N, C, H, W) → the same shape: each image as it is, or by chance one of the past instead.

    Until `capacity` images are there each is kept and given back. From then on a coin is tossed for each: it
    is given back, or it takes the place of a kept one, which is given back. In evaluation mode every image is
    given back as it is. The pool is part of a training's state, and comes back when that is resumed; several
    processes that train together share it.
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
        drawn = torch.randint(self.capacity, (len(images), 1), device=images.device)
        coins = torch.rand(len(images), 1, device=images.device) < 0.5
        rows = zip(*(distributed.all_gather(rows).split(1) for rows in (images, drawn, coins)), strict=True)
        return distributed.own(torch.cat([self._swap(*row) for row in rows]))

    def _swap(self, image: Tensor, drawn: Tensor, coin: Tensor) -> Tensor:
        filling = self.count < self.capacity
        place = torch.where(filling, self.count, drawn[0])
        swap = ~filling & coin[0]
        kept = self.images.index_select(0, place)
        self.images.index_copy_(0, place, torch.where(filling | swap, image.to(kept.dtype), kept))
        self.count.copy_((self.count + 1).clamp(max=self.capacity))
        return torch.where(swap, kept.to(image.dtype), image)
