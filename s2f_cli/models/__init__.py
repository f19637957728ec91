"""Networks, and the files that describe and hold them.

networks/    the networks, one file each, and their contract
recipes/     the recipes: TOML files, and the code that reads them
domains      the two kinds of images: face and sketch
roles        the networks of a recipe, by role
build        builds the networks of a recipe
card         what a model's file says about it
bundle       reads and writes a model: one .safetensors file with weights and card
graphs       the ONNX graphs in a bundle, which need no torch
tracing      writes them
zoo          models by name: those shipped with s2f (shipped/) and those the user added
adding       adds a model to the user's
hub          models of the Hugging Face Hub; hub_page: their pages; publishing: uploads them
locate       finds a model file by name or path, or the newest finished run
pretrained/  networks with weights from other projects
"""
