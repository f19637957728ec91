"""Networks, and the files that describe and hold them.

networks/    the networks, one file each, and their contract
recipes/     the recipes: TOML files, and the code that reads them
domains      the two kinds of images: face and sketch
roles        the networks of a recipe, by role
build        builds the networks of a recipe
card         what a model's file says about it
bundle       reads and writes a model: one .safetensors file with weights and card
zoo          models by name: those shipped with s2f (shipped/) and those the user added
locate       finds a model file by name or path, or the newest finished run
pretrained/  networks with weights from other projects
"""
