"""Networks, and the files that describe and hold them.

networks/    one file a network
recipes/     what is trained, as TOML
roles        the networks of a recipe, by role
build        from a recipe to its networks
bundle       a model in one .safetensors file, with its card
zoo          models by name: those that ship with s2f (shipped/) and those that a user added
locate       the file of a model: by name, path or run folder, or the newest
pretrained/  networks whose weights come from elsewhere
"""
