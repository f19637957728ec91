"""What the adversarial losses share: who is told which label, and how labels are disturbed."""

import torch
from torch import Tensor, nn

from s2f_cli.training.losses._precision import exact


class Adversarial(nn.Module):
    """A game between a generator and a critic; each game is one function of scores and labels.

    `label_noise`: standard deviation of the normal noise added to each score's label. `label_flip`: chance
    that a whole batch's labels are swapped (1 - label). Both disturb every label, the generator's too, as in
    report B's published code (§3.2); 0 turns them off.

    Raises ValueError for a negative noise or a chance outside [0, 1].
    """

    middle = 0.0
    """The score that is as real as it is fake."""

    def __init__(self, label_noise: float = 0.0, label_flip: float = 0.0) -> None:
        super().__init__()
        if label_noise < 0 or not 0 <= label_flip <= 1:
            raise ValueError("label_noise must be 0 or more, label_flip between 0 and 1")
        self.label_noise = label_noise
        self.label_flip = label_flip

    def fool(self, scores: Tensor) -> Tensor:
        """The generator's loss for the critic's scores of its images."""
        return self._told(scores, 1.0)

    def real(self, scores: Tensor) -> Tensor:
        """The critic's loss for its scores of real images."""
        return self._told(scores, 1.0)

    def fake(self, scores: Tensor) -> Tensor:
        """The critic's loss for its scores of generated images."""
        return self._told(scores, 0.0)

    def judge(self, scores: Tensor, labels: Tensor) -> Tensor:
        """The mean loss of scores that should be as the labels say: 1 real, 0 fake."""
        raise NotImplementedError

    def _told(self, scores: Tensor, label: float) -> Tensor:
        return self.judge(exact(scores), self._labels(exact(scores), label))

    def _labels(self, scores: Tensor, label: float) -> Tensor:
        labels = torch.full_like(scores, label)
        if self.label_noise:
            labels = labels + self.label_noise * torch.randn_like(scores)
        if self.label_flip:
            flip = torch.rand((), device=scores.device) < self.label_flip
            labels = torch.where(flip, 1 - labels, labels)
        return labels
