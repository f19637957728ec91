"""Learning-rate schedules, one file each; recipes name them in `players.PLAYER.schedule`.

A schedule maps the completed share of the stage, 0 to 1, to a factor of the player's learning rate.
"""
