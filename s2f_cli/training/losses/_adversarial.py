"""The contract of adversarial losses, and the disturbed labels that they share."""

import torch
from torch import Tensor, nn

from s2f_cli.training.losses._precision import at_least_float32


class AdversarialLoss(nn.Module):
    """The losses of a generator and its critic, each a function of the critic's scores.

    A subclass defines `criterion`. `label_noise` is the standard deviation of normal noise added to the label
    of each score. `label_flip` is the probability that all labels of a batch are swapped (1 - label). Both
    disturb the generator's labels too, as in report B's published code (§3.2); 0 turns them off.

    Raises ValueError for negative noise or a probability outside [0, 1].
    """

    decision_boundary = 0.0
    """The score at which the losses of a real and of a generated image are equal."""

    def __init__(self, label_noise: float = 0.0, label_flip: float = 0.0) -> None:
        super().__init__()
        if label_noise < 0 or not 0 <= label_flip <= 1:
            raise ValueError("label_noise must be 0 or more, label_flip between 0 and 1")
        self.label_noise = label_noise
        self.label_flip = label_flip

    def generator_loss(self, scores: Tensor) -> Tensor:
        """Return the generator's loss for the critic's scores of generated images, of any shape."""
        return self._labelled_loss(scores, 1.0)

    def real_loss(self, scores: Tensor) -> Tensor:
        """Return the critic's loss for its scores of real images, of any shape."""
        return self._labelled_loss(scores, 1.0)

    def fake_loss(self, scores: Tensor) -> Tensor:
        """Return the critic's loss for its scores of generated images, of any shape."""
        return self._labelled_loss(scores, 0.0)

    def criterion(self, scores: Tensor, labels: Tensor) -> Tensor:
        """Return the mean loss of scores with labels of the same shape: 1 for real, 0 for generated."""
        raise NotImplementedError

    def _labelled_loss(self, scores: Tensor, label: float) -> Tensor:
        scores = at_least_float32(scores)
        return self.criterion(scores, self._labels(scores, label))

    def _labels(self, scores: Tensor, label: float) -> Tensor:
        labels = torch.full_like(scores, label)
        if self.label_noise:
            labels = labels + self.label_noise * torch.randn_like(scores)
        if self.label_flip:
            flip = torch.rand((), device=scores.device) < self.label_flip
            labels = torch.where(flip, 1 - labels, labels)
        return labels
