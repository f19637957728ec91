"""The baselines of `training_speed.py`: CycleGAN and pix2pix as plain loops in eager float32.

Networks (Zhu et al. 2017, appendix 7; Isola et al. 2017, appendix 6) and the order of operations are those of
the authors' repository (junyanz/pytorch-CycleGAN-and-pix2pix): each network is called once for each use,
generators are stepped while the critics' parameters are frozen, and nothing is batched, shared or cast.
"""

import random
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def resnet() -> nn.Module:
    """`resnet_9blocks`, 11.4 million parameters."""
    layers: list[nn.Module] = [
        nn.ReflectionPad2d(3),
        nn.Conv2d(3, 64, 7),
        nn.InstanceNorm2d(64),
        nn.ReLU(True),
    ]
    for inputs, outputs in pairwise((64, 128, 256)):
        layers += [nn.Conv2d(inputs, outputs, 3, 2, 1), nn.InstanceNorm2d(outputs), nn.ReLU(True)]
    layers += [Residual() for _ in range(9)]
    for inputs, outputs in pairwise((256, 128, 64)):
        up = nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, output_padding=1)
        layers += [up, nn.InstanceNorm2d(outputs), nn.ReLU(True)]
    return nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(64, 3, 7), nn.Tanh())


class Residual(nn.Module):
    """A block of `resnet_9blocks`."""

    def __init__(self) -> None:
        super().__init__()
        one, other = (
            [nn.ReflectionPad2d(1), nn.Conv2d(256, 256, 3), nn.InstanceNorm2d(256)] for _ in range(2)
        )
        self.layers = nn.Sequential(*one, nn.ReLU(True), *other)

    def forward(self, image: Tensor) -> Tensor:
        return image + self.layers(image)


class Level(nn.Module):
    """One level of `unet_256` with the levels inside it; the network has 54.4 million parameters."""

    def __init__(self, outer: int, inner: int, inside: nn.Module | None, dropout: bool = False) -> None:
        super().__init__()
        down = [nn.LeakyReLU(0.2, True), nn.Conv2d(outer, inner, 4, 2, 1, bias=False)]
        if inside is not None:
            down.append(nn.BatchNorm2d(inner))
        up = nn.ConvTranspose2d(inner if inside is None else 2 * inner, outer, 4, 2, 1, bias=False)
        last = [nn.Dropout(0.5)] if dropout else []
        middle = [] if inside is None else [inside]
        self.layers = nn.Sequential(*down, *middle, nn.ReLU(True), up, nn.BatchNorm2d(outer), *last)

    def forward(self, image: Tensor) -> Tensor:
        return torch.cat([image, self.layers(image)], 1)


def unet() -> nn.Module:
    """`unet_256`."""
    inside: nn.Module = Level(512, 512, None)
    for _ in range(3):
        inside = Level(512, 512, inside, dropout=True)
    for outer, inner in ((256, 512), (128, 256), (64, 128)):
        inside = Level(outer, inner, inside)
    up = nn.ConvTranspose2d(128, 3, 4, 2, 1)
    return nn.Sequential(nn.Conv2d(3, 64, 4, 2, 1), inside, nn.ReLU(True), up, nn.Tanh())


def critic(channels: int, norm: type[nn.Module]) -> nn.Module:
    """The 70×70 PatchGAN, 2.8 million parameters."""
    layers: list[nn.Module] = [nn.Conv2d(channels, 64, 4, 2, 1), nn.LeakyReLU(0.2, True)]
    for (inputs, outputs), stride in zip(pairwise((64, 128, 256, 512)), (2, 2, 1), strict=True):
        layers += [nn.Conv2d(inputs, outputs, 4, stride, 1), norm(outputs), nn.LeakyReLU(0.2, True)]
    return nn.Sequential(*layers, nn.Conv2d(512, 1, 4, 1, 1))


def initialised(network: nn.Module) -> nn.Module:
    """Initialise the weights from N(0, 0.02)."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0.0, 0.02)
    return network


def freeze(networks: list[nn.Module], frozen: bool) -> None:
    for network in networks:
        for parameter in network.parameters():
            parameter.requires_grad = not frozen


class Given(nn.Module):
    """A generator with conditions that are the same for every image."""

    def __init__(self, network: nn.Module, vector: list[float]) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("planes", torch.tensor(vector)[None, :, None, None])

    def forward(self, image: Tensor) -> Tensor:
        planes = self.planes.expand(len(image), -1, *image.shape[2:])
        return self.network(torch.cat([image, planes], 1))


class Pool:
    """A pool of the last 50 generated images."""

    def __init__(self) -> None:
        self.images: list[Tensor] = []

    def query(self, image: Tensor) -> Tensor:
        if len(self.images) < 50:
            self.images.append(image.clone())
            return image
        if random.random() > 0.5:
            place = random.randint(0, 49)
            earlier, self.images[place] = self.images[place].clone(), image.clone()
            return earlier
        return image


def adam(networks: list[nn.Module]) -> torch.optim.Adam:
    parameters = [parameter for network in networks for parameter in network.parameters()]
    return torch.optim.Adam(parameters, lr=0.0002, betas=(0.5, 0.999))


def label(scores: Tensor, real: bool) -> Tensor:
    return torch.tensor(1.0 if real else 0.0).expand_as(scores)


class CycleGAN:
    """`cycle_gan_model.py`: identity 0.5, cycle 10, least squares, pools of 50."""

    def __init__(self) -> None:
        self.to_b, self.to_a = initialised(resnet()), initialised(resnet())
        self.critic_b, self.critic_a = (initialised(critic(3, nn.InstanceNorm2d)) for _ in range(2))
        self.generator_optimiser = adam([self.to_b, self.to_a])
        self.critic_optimiser = adam([self.critic_b, self.critic_a])
        self.pool_b, self.pool_a = Pool(), Pool()

    def step(self, real_a: Tensor, real_b: Tensor) -> None:
        fake_b = self.to_b(real_a)
        rec_a = self.to_a(fake_b)
        fake_a = self.to_a(real_b)
        rec_b = self.to_b(fake_a)
        freeze([self.critic_a, self.critic_b], True)
        self.generator_optimiser.zero_grad()
        idt_a, idt_b = self.to_b(real_b), self.to_a(real_a)
        scores_b, scores_a = self.critic_b(fake_b), self.critic_a(fake_a)
        loss = (
            F.l1_loss(idt_a, real_b) * 5
            + F.l1_loss(idt_b, real_a) * 5
            + F.mse_loss(scores_b, label(scores_b, True))
            + F.mse_loss(scores_a, label(scores_a, True))
            + F.l1_loss(rec_a, real_a) * 10
            + F.l1_loss(rec_b, real_b) * 10
        )
        loss.backward()
        self.generator_optimiser.step()
        freeze([self.critic_a, self.critic_b], False)
        self.critic_optimiser.zero_grad()
        for critic, real, fake in (
            (self.critic_b, real_b, self.pool_b.query(fake_b)),
            (self.critic_a, real_a, self.pool_a.query(fake_a)),
        ):
            on_real, on_fake = critic(real), critic(fake.detach())
            both = F.mse_loss(on_real, label(on_real, True)) + F.mse_loss(on_fake, label(on_fake, False))
            (both * 0.5).backward()
        self.critic_optimiser.step()


class Pix2Pix:
    """`pix2pix_model.py`: L1 weight 100, binary cross-entropy."""

    def __init__(self) -> None:
        self.generator, self.critic = initialised(unet()), initialised(critic(6, nn.BatchNorm2d))
        self.generator_optimiser, self.critic_optimiser = adam([self.generator]), adam([self.critic])

    def step(self, real_a: Tensor, real_b: Tensor) -> None:
        fake_b = self.generator(real_a)
        freeze([self.critic], False)
        self.critic_optimiser.zero_grad()
        criterion = F.binary_cross_entropy_with_logits
        on_fake = self.critic(torch.cat([real_a, fake_b], 1).detach())
        on_real = self.critic(torch.cat([real_a, real_b], 1))
        loss = criterion(on_fake, label(on_fake, False)) + criterion(on_real, label(on_real, True))
        (loss * 0.5).backward()
        self.critic_optimiser.step()
        freeze([self.critic], True)
        self.generator_optimiser.zero_grad()
        scores = self.critic(torch.cat([real_a, fake_b], 1))
        (criterion(scores, label(scores, True)) + F.l1_loss(fake_b, real_b) * 100).backward()
        self.generator_optimiser.step()
