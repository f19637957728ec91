"""The networks, one file each; a recipe names them in its tables `networks.ROLE`.

Every network derives from `Network`. Modules whose name starts with an underscore hold layers, initialisation
and helpers that several networks share.
"""

from s2f_cli.models.networks._contract import (
    AdaptiveAugmentation,
    Critic,
    FeatureNetwork,
    Memorizer,
    Network,
    Stochastic,
)

__all__ = ["AdaptiveAugmentation", "Critic", "FeatureNetwork", "Memorizer", "Network", "Stochastic"]
