#!/usr/bin/env bash
# The benchmark of docs/results.md: all systems of the reports, and the shipped models, on one data set at 128 pixels.
#
#   tests/benchmarks/all_systems.sh FOLDER BUDGET VGG [option of s2f benchmark ...]
#   tests/benchmarks/all_systems.sh bench/cuhk 20m vgg16.pth --data cuhk --protocol cuhk-88-100 --results gda:sketch=gda
#   tests/benchmarks/all_systems.sh bench/fs2k 40m vgg16.pth --data fs2k --protocol fs2k
#
# VGG is the file with the weights of vgg-ae's encoders. The same call continues an interrupted one. SYSTEMS names the
# recipes, all by default; those that come first get their scores first. Five of them are variants, each of which
# leaves out one part of a recipe, to measure what the part does.
set -euo pipefail
folder=$1 budget=$2 vgg=$3
shift 3

systems=${SYSTEMS:-pix2pix cyclegan-unet cyclegan-se-unet conv-ae cut cyclegan combogan lle cyclegan-unet-ungrouped
  pix2pix-without-critic cyclegan-se-unet-without-se cyclegan-se-unet-unpaired vgg-ae-frozen
  pix2pix-small sparse-ae vgg-ae fastcut cyclegan-resnet encoder-decoder
  cyclegan-vae-pretrained cyclegan-vae-latent cyclegan-vae}
mkdir -p "$folder"

# Writes the recipe of a variant, without the numbers that reports print: variant RECIPE SCRIPT-OF-SED
variant() {
  recipe=$folder/$system.toml
  s2f recipes show "$1" | sed "/^\[\[reported/,\$d; $2" > "$recipe"
}

recipes=() settings=(--set image.size=128)
for system in $systems; do
  recipe=$system
  case $system in
    cyclegan-unet-ungrouped) variant cyclegan-unet 's/^bottleneck_groups = 4/bottleneck_groups = 1/' ;;
    pix2pix-without-critic) variant pix2pix 's/^adversarial = 1.0/adversarial = 0.0/' ;;
    cyclegan-se-unet-without-se) variant cyclegan-se-unet 's/^squeeze = 16/squeeze = 0/' ;;
    cyclegan-se-unet-unpaired)
      variant cyclegan-se-unet '/^\[objective.paired\]/,/^$/d; /^paired = /d; s/^pairing = "paired"/pairing = "unpaired"/' ;;
    vgg-ae-frozen)
      variant vgg-ae ''
      settings+=(--set "$system:stages.fine-tuning.steps=0") ;;
  esac
  case $system in
    sparse-ae)
      for part in face_encoder sketch_encoder face_decoder sketch_decoder; do
        settings+=(--set "$system:networks.$part.size=128")
      done ;;
    pix2pix* | cyclegan-se-unet*)
      settings+=(--set "$system:networks.to_face.levels=7" --set "$system:networks.to_sketch.levels=7") ;;
    cyclegan-vae*)
      settings+=(--set "$system:image.size={ face = 64, sketch = 32 }" --set "$system:image.fit=squash") ;;
    vgg-ae*)
      settings+=(--set "$system:networks.face_encoder.weights=$vgg" --set "$system:networks.sketch_encoder.weights=$vgg") ;;
  esac
  recipes+=("$recipe")
done

exec s2f benchmark "${recipes[@]}" --model face-to-sketch --model sketch-to-face --output "$folder" --budget "$budget" \
  "${settings[@]}" "$@"
