"""Locally linear embedding of patches (Liu et al. 2005; Roweis and Saul 2000; report E, table 1)."""

import torch
from torch import Tensor

from s2f_cli.models.networks import Memorizer
from s2f_cli.models.networks._resizable_buffers import ResizableBuffers

__all__ = ["LLE"]


class LLE(ResizableBuffers, Memorizer):
    """(N, C, H, W) → (N, out_channels, H, W) from stored training pairs; it has no weights.

    An image is cut into overlapping patches of `patch` pixels, `stride` pixels apart. For each patch, the
    `neighbours` nearest patches of the stored sources are searched within `search` pixels of its position,
    and weights that sum to 1 are solved for that reconstruct it best (Roweis and Saul 2000). The same
    weights combine the target patches at the same positions. Overlapping patches are averaged. Without
    stored pairs the result is 0, mid-gray.

    Raises ValueError unless 0 < stride ≤ patch, neighbours ≥ 1 and search ≥ 0.
    """

    sources: Tensor
    targets: Tensor

    def __init__(
        self,
        out_channels: int = 3,
        patch: int = 13,
        stride: int = 6,
        neighbours: int = 5,
        search: int = 4,
        regularisation: float = 1e-3,
    ) -> None:
        super().__init__()
        if not 0 < stride <= patch or neighbours < 1 or search < 0:
            raise ValueError("stride must be from 1 to patch, neighbours at least 1, search at least 0")
        self.out_channels, self.patch, self.stride = out_channels, patch, stride
        self.neighbours, self.search, self.regularisation = neighbours, search, regularisation
        self.register_buffer("sources", torch.zeros(0, dtype=torch.uint8))
        self.register_buffer("targets", torch.zeros(0, dtype=torch.uint8))

    @property
    def size(self) -> int | None:  # type: ignore[override]
        """The side of the stored images, in pixels; None if there are none."""
        return self.sources.shape[2] if len(self.sources) else None

    @torch.no_grad()
    def fit(self, source: Tensor, target: Tensor) -> None:
        """Store pairs (N, C, H, W) and (N, out_channels, H, W) in [-1, 1], as bytes."""
        self.sources, self.targets = _appended(self.sources, source), _appended(self.targets, target)

    @torch.no_grad()
    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) → (N, out_channels, H, W)."""
        if not len(self.sources):
            return image.new_zeros(len(image), self.out_channels, *image.shape[2:])
        sources, targets = (stored.float() / 127.5 - 1 for stored in (self.sources, self.targets))
        height, width = image.shape[2:]
        result = image.new_zeros(len(image), self.out_channels, height, width, dtype=torch.float32)
        count = result.new_zeros(height, width)
        for top in self._offsets(height):
            for left in self._offsets(width):
                window = (..., slice(top, top + self.patch), slice(left, left + self.patch))
                result[window] += self._translated(image[window].float(), sources, targets, top, left)
                count[window] += 1
        return (result / count).to(image.dtype)

    def _offsets(self, length: int) -> list[int]:
        last = max(length - self.patch, 0)
        return sorted({*range(0, last, self.stride), last})

    def _translated(self, patches: Tensor, sources: Tensor, targets: Tensor, top: int, left: int) -> Tensor:
        """Translate the patches (N, C, patch, patch) at one position of all images."""
        rows = slice(max(top - self.search, 0), top + self.search + self.patch)
        columns = slice(max(left - self.search, 0), left + self.search + self.patch)
        near_sources, near_targets = (
            self._patches(stored[..., rows, columns], patches.shape[2:]) for stored in (sources, targets)
        )
        candidates, vectors = near_sources.flatten(3).flatten(0, 2), patches.flatten(1)
        closest = torch.cdist(vectors, candidates).topk(min(self.neighbours, len(candidates)), largest=False)
        offsets = candidates[closest.indices] - vectors[:, None]
        gram = offsets @ offsets.mT
        ridge = self.regularisation * gram.diagonal(dim1=1, dim2=2).sum(1) + 1e-6
        gram = gram + ridge[:, None, None] * torch.eye(gram.shape[1], device=gram.device)
        weights = torch.linalg.solve(gram, gram.new_ones(*gram.shape[:2], 1))
        weights = weights / weights.sum(dim=1, keepdim=True)
        matches = near_targets[torch.unravel_index(closest.indices, near_targets.shape[:3])]
        return (weights[..., None, None] * matches).sum(dim=1)

    def _patches(self, region: Tensor, shape: torch.Size) -> Tensor:
        """The patches (N, rows, columns, C, *shape) of a region, as a view."""
        step = max(self.search // 2, 1)
        return region.unfold(2, shape[0], step).unfold(3, shape[1], step).permute(0, 2, 3, 1, 4, 5)


def _appended(stored: Tensor, images: Tensor) -> Tensor:
    """Stored bytes followed by images in [-1, 1] as bytes."""
    levels = ((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return torch.cat([stored, levels]) if len(stored) else levels
